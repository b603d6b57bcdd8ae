using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace RelayProxy.Telemetry;

/// <summary>
/// Metrics and spans, sent to a collector by OpenTelemetry's own library, which is loaded for nobody else (<see cref="TelemetryOptions.WantsExport"/>).
/// What the settings do not say, its environment variables do (<c>OTEL_SERVICE_NAME</c>, <c>OTEL_EXPORTER_OTLP_HEADERS</c>, <c>OTEL_TRACES_SAMPLER</c> …).
/// A collector that is away costs no mail.
/// </summary>
internal sealed class OtlpExport : IAsyncDisposable
{
    /// <summary>OpenTelemetry's own default.</summary>
    private static readonly TimeSpan s_longestCall = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_longestFarewell = TimeSpan.FromSeconds(3);

    private readonly HttpClient _http;
    private readonly MeterProvider? _metrics;
    private readonly TracerProvider? _traces;

    public OtlpExport(TelemetryOptions options, TimeProvider clock, ILogger logger)
    {
        _http = new HttpClient(new OtlpTroubles(clock, logger)) { Timeout = s_longestCall };

        // The environment last: it wins.
        ResourceBuilder resource = ResourceBuilder.CreateDefault()
            .AddService("relayproxy", serviceVersion: ProductVersion.Text)
            .AddEnvironmentVariableDetector();
        _metrics = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(RelayMetrics.MeterName)
            .AddOtlpExporter(exporter => SetUp(exporter, options.OtlpEndpoint, "v1/metrics"))
            .Build();
        _traces = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(resource)
            .AddSource(RelayTraces.SourceName)
            .AddOtlpExporter(exporter => SetUp(exporter, options.OtlpEndpoint, "v1/traces"))
            .Build();
    }

    /// <summary>Sends what is left, if it is taken within seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        var ended = Task.WhenAll(Task.Run(() => _traces?.Dispose()), Task.Run(() => _metrics?.Dispose()));
        await Task.WhenAny(ended, Task.Delay(s_longestFarewell));
        _http.Dispose();
    }

    private void SetUp(OtlpExporterOptions exporter, string endpoint, string path)
    {
        exporter.HttpClientFactory = () => _http;
        if (endpoint.Length > 0)
        {
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
            exporter.Endpoint = new Uri(endpoint.TrimEnd('/') + "/" + path);
        }
    }
}
