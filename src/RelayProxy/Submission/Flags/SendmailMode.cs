namespace RelayProxy.Submission.Flags;

/// <summary>What a sendmail is to do: the letter behind <c>-b</c>.</summary>
internal enum SendmailWork
{
    Message,
    Smtp,
    BatchedSmtp,
    PrintQueue,
    NewAliases,
    Serve,
    Verify,
    Test,
    HostStatus,
    RunQueue,
}

/// <summary>One mode of the sendmail command.</summary>
internal sealed record SendmailMode(char Letter, SendmailWork Work, string Description)
{
    public static readonly SendmailMode[] All =
    [
        new('m', SendmailWork.Message, "Take a message from standard input."),
        new('q', SendmailWork.Message, "The same: every message is put into the queue first."),
        new('s', SendmailWork.Smtp, "Speak SMTP on standard input and output."),
        new('S', SendmailWork.BatchedSmtp, "Take SMTP commands from standard input, and answer only what is refused."),
        new('p', SendmailWork.PrintQueue, "Show what waits, as mailq does."),
        new('i', SendmailWork.NewAliases, "Check the aliases and have them read again, as newaliases does."),
        new('I', SendmailWork.NewAliases, "The same."),
        new('d', SendmailWork.Serve, "Run as the relay itself, as 'relayproxy serve' does."),
        new('D', SendmailWork.Serve, "The same: it never goes into the background."),
        new('l', SendmailWork.Serve, "The same."),
        new('v', SendmailWork.Verify, "Say who would get mail for the addresses that are named, and send nothing."),
        new('t', SendmailWork.Test, "The same, for addresses from standard input, one on a line."),
        new('h', SendmailWork.HostStatus, "Show what is remembered of other hosts. Nothing is: there is one smarthost."),
        new('H', SendmailWork.HostStatus, "Forget it."),
    ];

    /// <summary><c>null</c> for a letter that no sendmail has.</summary>
    public static SendmailMode? Find(string letter)
    {
        foreach (SendmailMode mode in All)
        {
            if (letter.Length == 1 && letter[0] == mode.Letter)
            {
                return mode;
            }
        }

        return null;
    }
}
