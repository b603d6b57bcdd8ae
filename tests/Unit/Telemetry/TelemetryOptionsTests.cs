using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Telemetry;

public class TelemetryOptionsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("http://127.0.0.1:4318")]
    [InlineData("https://otlp.example.net/tenant/")]
    public void A_collector_has_a_URL(string endpoint) => Assert.Empty(TelemetryOptionsRules.Broken(new TelemetryOptions { OtlpEndpoint = endpoint }));

    [Theory]
    [InlineData("127.0.0.1:4318")]
    [InlineData("localhost")]
    [InlineData("grpc://127.0.0.1:4317")]
    [InlineData("/v1/metrics")]
    public void What_is_none_is_told_with_the_way_out(string endpoint) => Assert.Equal(
        [$"Telemetry:OtlpEndpoint is \"{endpoint}\", which is no URL of a collector; write http://127.0.0.1:4318"],
        TelemetryOptionsRules.Broken(new TelemetryOptions { OtlpEndpoint = endpoint }));

    [Fact]
    public void Nothing_is_exported_unless_somebody_names_a_collector()
    {
        Assert.False(new TelemetryOptions().WantsExport);
        Assert.True(new TelemetryOptions { OtlpEndpoint = "http://127.0.0.1:4318" }.WantsExport);
    }
}
