namespace RelayProxy.Telemetry;

/// <summary>Where this process's standard output leads, and how the log should look there.</summary>
internal static class LogDestination
{
    /// <param name="isTerminal">Somebody is watching.</param>
    /// <param name="isJournal">The journal is listening.</param>
    /// <param name="noColour">NO_COLOR is set (no-color.org).</param>
    public static ILogLayout Layout(LoggingOptions options, bool isTerminal, bool isJournal, bool noColour)
    {
        TextLogPrefix prefix = isTerminal && !noColour ? TextLogPrefix.Coloured : isJournal ? TextLogPrefix.Journal : TextLogPrefix.Time;
        var veil = AddressVeil.Of(options);
        return options.Format switch
        {
            LogFormat.Json => new JsonLogLayout(prefix, veil),
            LogFormat.Auto when !isTerminal && !isJournal => new JsonLogLayout(prefix, veil),
            LogFormat.Auto or LogFormat.Text => new TextLogLayout(prefix, veil),
        };
    }

    /// <summary>
    /// Whether standard output is the journal's: systemd names that stream's device and inode in JOURNAL_STREAM. The variable alone
    /// proves nothing: every program started from a service inherits it, whatever its output leads to.
    /// </summary>
    public static bool IsJournal(string? journalStream)
    {
        int colon = journalStream?.IndexOf(':', StringComparison.Ordinal) ?? -1;
        return colon > 0 && new FileInfo("/proc/self/fd/1").LinkTarget == $"socket:[{journalStream![(colon + 1)..]}]";
    }
}
