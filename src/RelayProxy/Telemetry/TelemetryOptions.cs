namespace RelayProxy.Telemetry;

/// <summary>Settings of the <c>Telemetry</c> section.</summary>
internal sealed class TelemetryOptions
{
    /// <summary>Where <c>/metrics</c>, <c>/livez</c> and <c>/readyz</c> are answered over HTTP: <c>127.0.0.1:9125</c>,
    /// <c>unix:/run/relayproxy/http.sock</c>. Empty: nowhere.</summary>
    public IList<string> Endpoints { get; set; } = [];

    /// <summary>Permits endpoints that are not loopback (a pod's own address, for its kubelet): whoever reaches them can read the metrics.</summary>
    public bool AllowNonLoopback { get; set; }

    /// <summary>Whether a relay whose smarthost takes no mail is ready. It is by default: mail can still be taken, and no restart
    /// brings a smarthost back.</summary>
    public bool ReadyNeedsSmarthost { get; set; }
}
