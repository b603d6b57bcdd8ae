namespace RelayProxy.Submission.Flags;

/// <summary>What <c>sendmail --help</c> says: the table of its flags, for people.</summary>
internal static class SendmailHelp
{
    private const int Column = 18;

    public static IEnumerable<string> Lines()
    {
        yield return "Usage: sendmail [flags] [recipient ...]";
        yield return "";
        yield return "Takes a message from standard input, and ends with 0 when it is safe in the queue.";
        yield return "";
        foreach (SendmailFlag flag in SendmailFlags.All)
        {
            yield return Row(flag.Usage, flag.Description);
        }

        yield return Row("--", "What follows are recipients.");
        yield return "";
        yield return "Modes:";
        foreach (SendmailMode mode in SendmailMode.All)
        {
            yield return Row($"-b{mode.Letter}", mode.Description);
        }

        yield return "";
        yield return "As 'relayproxy sendmail' it takes settings too: --config FILE, --Section:Key=value.";
        yield return "Flags that are not known are passed over, and told to the system's log.";
    }

    private static string Row(string name, string description) => $"  {name.PadRight(Column)}{description}";
}
