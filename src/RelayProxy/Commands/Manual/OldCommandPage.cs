using RelayProxy.Mail;

namespace RelayProxy.Commands.Manual;

/// <summary>mailq(1) and newaliases(1): what their help says, and what there is to be said around it.</summary>
internal static class OldCommandPage
{
    public static ManPage WriteMailq(DateOnly date)
    {
        ManPage page = Begin(MailqCommand.Help, "show what waits to be sent", date);
        ExitStatus.Write(page, ExitCode.Ok, ExitCode.Unavailable, ExitCode.NoPermission, ExitCode.Configuration);
        return Places.WriteFiles(page, Places.Settings, Places.Queue).SeeAlso(("newaliases", 1), ("relayproxy.json", 5), ("relayproxy", 8), ("sendmail", 8));
    }

    public static ManPage WriteNewAliases(DateOnly date)
    {
        ManPage page = Begin(NewAliasesCommand.Help, "check the aliases", date);
        ExitStatus.Write(page, ExitCode.Ok, ExitCode.DataError, ExitCode.NoInput, ExitCode.Configuration);
        return Places.WriteFiles(page, Places.Settings, Places.Aliases).SeeAlso(("mailq", 1), ("relayproxy.json", 5), ("relayproxy", 8), ("sendmail", 8));
    }

    /// <summary>A help's paragraph, which goes on at the end of a line.</summary>
    public static string Prose(string text) => text.Replace('\n', ' ');

    private static ManPage Begin(OldCommandHelp help, string summary, DateOnly date)
    {
        var page = new ManPage([help.Name], 1, summary, date);
        page.Section("SYNOPSIS").Alone($"{Roff.Bold(help.Name)} {Roff.Text(help.Arguments)}");
        page.Section("DESCRIPTION").Paragraph(Prose(help.Text));
        page.Section("OPTIONS");
        foreach ((string flag, string text) in help.Flags)
        {
            page.Item(Roff.Bold(flag), $"{char.ToUpperInvariant(text[0])}{text[1..]}.");
        }

        return page;
    }
}
