using RelayProxy.Telemetry;

namespace RelayProxy.Listener.Probes;

/// <summary>What must hold of the endpoints where metrics and probes are answered.</summary>
internal static class ProbeEndpointRules
{
    /// <summary>One sentence for each broken rule; it begins with the setting's key and ends with the way out.</summary>
    public static IEnumerable<string> Broken(TelemetryOptions options)
    {
        foreach (string text in ListenerEndpoint.Split(options.Endpoints))
        {
            if (!ListenerEndpoint.TryParse(text, out ListenerEndpoint? endpoint, out string problem))
            {
                yield return $"Telemetry:Endpoints is \"{text}\", {problem}";
            }
            else if (endpoint is not IpListenerEndpoint { Address: var address })
            {
                yield return $"Telemetry:Endpoints is \"{text}\", which is no address and port; write 127.0.0.1:9125";
            }
            else if (!ListenerOptionsRules.IsLoopback(address.Address) && !options.AllowNonLoopback)
            {
                yield return $"Telemetry:Endpoints is \"{text}\", which is not loopback: whoever reaches it can read the metrics. "
                    + $"Use 127.0.0.1:{address.Port}, or set Telemetry:AllowNonLoopback=true";
            }
        }
    }

    /// <summary>The endpoints that keep the rules.</summary>
    public static IEnumerable<IpListenerEndpoint> Parse(TelemetryOptions options) => ListenerEndpoint.Split(options.Endpoints)
        .Select(text => ListenerEndpoint.TryParse(text, out ListenerEndpoint? endpoint, out _) ? endpoint : null)
        .OfType<IpListenerEndpoint>();
}
