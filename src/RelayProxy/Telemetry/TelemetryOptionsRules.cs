namespace RelayProxy.Telemetry;

/// <summary>What must hold of the <c>Telemetry</c> settings; of its endpoints, see the listener's rules.</summary>
internal static class TelemetryOptionsRules
{
    /// <summary>One sentence for each broken rule; it begins with the setting's key and ends with the way out.</summary>
    public static IEnumerable<string> Broken(TelemetryOptions options)
    {
        bool isUrl = Uri.TryCreate(options.OtlpEndpoint, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https";
        return options.OtlpEndpoint.Length == 0 || isUrl
            ? []
            : [$"Telemetry:OtlpEndpoint is \"{LogText.WithoutLogin(options.OtlpEndpoint)}\", which is no URL of a collector; write http://127.0.0.1:4318"];
    }
}
