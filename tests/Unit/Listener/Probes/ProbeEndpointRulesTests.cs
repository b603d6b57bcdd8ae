using RelayProxy.Listener.Probes;
using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Listener.Probes;

public class ProbeEndpointRulesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("127.0.0.1:9125")]
    [InlineData("[::1]:9125, 127.0.0.1:0")]
    public void Loopback_is_allowed(string endpoints) => Assert.Empty(ProbeEndpointRules.Broken(new TelemetryOptions { Endpoints = [endpoints] }));

    [Theory]
    [InlineData("0.0.0.0:9125", "which is not loopback: whoever reaches it can read the metrics. Use 127.0.0.1:9125, or set Telemetry:AllowNonLoopback=true")]
    [InlineData("[::]:9125", "which is not loopback: whoever reaches it can read the metrics. Use 127.0.0.1:9125, or set Telemetry:AllowNonLoopback=true")]
    [InlineData("9125", "which names no address; write 127.0.0.1:9125")]
    [InlineData("unix:/run/x.sock", "which is no address and port; write 127.0.0.1:9125")]
    [InlineData("systemd", "which is no address and port; write 127.0.0.1:9125")]
    public void What_is_not_is_told_with_the_way_out(string endpoint, string problem) =>
        Assert.Equal([$"Telemetry:Endpoints is \"{endpoint}\", {problem}"], ProbeEndpointRules.Broken(new TelemetryOptions { Endpoints = [endpoint] }));

    [Fact]
    public void Other_addresses_take_a_word_of_the_operator() =>
        Assert.Empty(ProbeEndpointRules.Broken(new TelemetryOptions { Endpoints = ["10.1.2.3:9125"], AllowNonLoopback = true }));
}
