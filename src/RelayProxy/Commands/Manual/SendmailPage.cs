using RelayProxy.Mail;
using RelayProxy.Submission.Flags;

namespace RelayProxy.Commands.Manual;

/// <summary>sendmail(8), with rmail: the flags, from the table that they are read by.</summary>
internal static class SendmailPage
{
    public static ManPage Write(DateOnly date)
    {
        var page = new ManPage([CalledName.Sendmail, "send-mail", CalledName.Rmail], 8, "take a message and have it sent", date);
        page.Section("SYNOPSIS")
            .Alone($"{Roff.Bold(CalledName.Sendmail)} [{Roff.Bold("-ti")}] [{Roff.Bold("-f")} {Roff.Italic("address")}] [flags] [{Roff.Italic("recipient")}...]")
            .Below($"{Roff.Bold("sendmail -bs")} | {Roff.Bold("-bp")} | {Roff.Bold("-bi")} | {Roff.Bold("-bv")} {Roff.Italic("address")}... | {Roff.Bold("-q")}")
            .Below($"{Roff.Bold("relayproxy sendmail")} [{Roff.Bold("--config")} {Roff.Italic("FILE")}] ...")
            .Below($"{Roff.Bold(CalledName.Rmail)} {Roff.Italic("recipient")}...");
        page.Section("DESCRIPTION")
            .Paragraph("`sendmail` reads a message from standard input and hands it to the relay of this machine. It ends with 0 when the message is safe in "
                + "the queue, and never before. Where no relay runs, root and members of the group relayproxy put the message into the queue themselves; "
                + "others get 75, and try again later.")
            .Paragraph("The text may have any line ends. A line with nothing but a dot ends it, unless -i is given. Date, Message-ID and From are added where "
                + "they are missing; Bcc and Resent-Bcc are removed. Letters beyond ASCII in the "
                + "subject and in names become encoded words. Lines of more than 998 octets are encoded (`Intake:LongLines`).");
        page.Subsection("rmail").Paragraph(OldCommandPage.Prose(RmailCommand.Help.Text));
        page.Section("OPTIONS")
            .Paragraph("Letters may stand together (`-ti`), and an argument behind its letter or after it. What is not known is passed over.");
        Write(page, SendmailFlags.All.Where(flag => flag.Meaning != FlagMeaning.PassedOver));
        page.Subsection("Modes");
        foreach (SendmailMode mode in SendmailMode.All)
        {
            page.Item(Roff.Bold($"-b{mode.Letter}"), mode.Description);
        }

        page.Subsection("Taken, and without effect");
        Write(page, SendmailFlags.All.Where(flag => flag.Meaning == FlagMeaning.PassedOver));
        WriteExitStatus(page);
        page.Section("ENVIRONMENT")
            .Item(Roff.Bold("EMAIL"), "The sender's address, where -f does not name one.")
            .Item(Roff.Bold("NAME"), "The sender's full name, where -F does not.")
            .Item(Roff.Bold("MAILNAME"), "The domain of the sender, where nothing else says one.")
            .Item($"{Roff.Bold("LOGNAME")}, {Roff.Bold("USER")}", "Which of several login names of the calling user counts.");
        Places.WriteFiles(page, Places.Settings, Places.Aliases, Places.MailName, Places.Queue, Places.Digest);
        page.Section("EXAMPLES")
            .Paragraph("As PHP, cron and most programs call it:")
            .Verbatim("sendmail -t -i < message.eml", "sendmail -i -f box@example.net -- you@example.net < message.eml")
            .Paragraph("What the relay answers:")
            .Verbatim("printf 'Subject: test\\n\\nHello\\n' | sendmail -v you@example.net");
        return page.SeeAlso(("mailq", 1), ("newaliases", 1), ("relayproxy.json", 5), ("relayproxy", 8));
    }

    private static void Write(ManPage page, IEnumerable<SendmailFlag> flags)
    {
        foreach (SendmailFlag flag in flags)
        {
            string argument = flag.Usage[$"-{flag.Letter}".Length..];
            string shown = flag.Word.Length == 0 ? argument : argument.Replace(flag.Word, Roff.Italic(flag.Word), StringComparison.Ordinal);
            page.Item(Roff.Bold($"-{flag.Letter}") + shown, flag.Description);
        }
    }

    private static void WriteExitStatus(ManPage page)
    {
        page.Section("EXIT STATUS").Paragraph("Of sysexits.h; programs that know them keep the message and try again after 75.");
        foreach ((int code, string meaning) in new[]
        {
            (ExitCode.Ok, "The message is safe in the queue."),
            (ExitCode.Usage, "The flags cannot be meant: an argument is missing."),
            (ExitCode.DataError, "The message or an address cannot be sent as it is, and never will be."),
            (ExitCode.NoInput, "There is no message, or nobody to send it to."),
            (ExitCode.NoUser, "There is nobody of that name on this machine."),
            (ExitCode.Unavailable, "The relay refused it for good."),
            (ExitCode.Temporary, "It is not in the queue; trying again may help."),
        })
        {
            page.Item(Roff.Bold($"{code}"), meaning);
        }
    }
}
