namespace RelayProxy.Session;

/// <summary>What the settings of a conversation must not say together.</summary>
internal static class SessionOptionsRules
{
    /// <summary>One sentence for each broken rule; it begins with the setting's key and ends with the way out.</summary>
    public static IEnumerable<string> Broken(SessionOptions options)
    {
        if (options.MaxOctetsInFlight < options.MaxMessageOctets)
        {
            yield return "Listener:MaxOctetsInFlight is smaller than Listener:MaxMessageOctets, so that the largest message could "
                + "never come in; raise it";
        }
    }
}
