namespace RelayProxy.Telemetry;

/// <summary>Settings of the <c>Telemetry</c> section.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>Where <c>/metrics</c>, <c>/livez</c> and <c>/readyz</c> are answered over HTTP: <c>127.0.0.1:9125</c>,
    /// <c>unix:/run/relayproxy/http.sock</c>. Empty: nowhere.</summary>
    public IList<string> Endpoints { get; set; } = [];

    /// <summary>Permits endpoints that are not loopback (a pod's own address, for its kubelet): whoever reaches them can read the metrics.</summary>
    public bool AllowNonLoopback { get; set; }

    /// <summary>Where a collector takes metrics and spans by OTLP over HTTP: <c>http://127.0.0.1:4318</c>. Empty: what
    /// OTEL_EXPORTER_OTLP_ENDPOINT names, if anything.</summary>
    public string OtlpEndpoint { get; set; } = "";

    /// <summary>Asked before anything of OpenTelemetry is loaded.</summary>
    public bool WantsExport => OtlpEndpoint.Length > 0 || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"));

    /// <summary>Whether a relay whose smarthost takes no mail is ready. It is by default: mail can still be taken, and no restart
    /// brings a smarthost back.</summary>
    public bool ReadyNeedsSmarthost { get; set; }
}
