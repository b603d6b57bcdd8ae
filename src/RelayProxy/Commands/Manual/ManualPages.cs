namespace RelayProxy.Commands.Manual;

/// <summary>The manual: every page, and where it goes.</summary>
internal static class ManualPages
{
    /// <summary>Each with its section, and how it is written.</summary>
    public static IReadOnlyList<(string Name, int Section, Func<CommandModel, DateOnly, ManPage> Write)> All { get; } =
    [
        (RelayPage.Name, 8, RelayPage.Write),
        (SettingsPage.Name, 5, (_, date) => SettingsPage.Write(date)),
        (CalledName.Sendmail, 8, (_, date) => SendmailPage.Write(date)),
        (CalledName.Mailq, 1, (_, date) => OldCommandPage.WriteMailq(date)),
        (CalledName.NewAliases, 1, (_, date) => OldCommandPage.WriteNewAliases(date)),
    ];
}
