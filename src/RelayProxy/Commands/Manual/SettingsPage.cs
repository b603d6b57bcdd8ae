using RelayProxy.Configuration;

namespace RelayProxy.Commands.Manual;

/// <summary>relayproxy.json(5): the settings, in the words of the file that has them all (<see cref="SettingsGuide"/>), with the bounds of
/// <see cref="Settings"/>.</summary>
internal static class SettingsPage
{
    public const string Name = "relayproxy.json";

    public static ManPage Write(DateOnly date)
    {
        var page = new ManPage([Name], 5, "settings of relayproxy", date);
        page.Section("SYNOPSIS").Alone(Roff.Italic("/etc/relayproxy/relayproxy.json"));
        page.Section("DESCRIPTION")
            .Paragraph("One JSON object, whose members are sections. Comments (`//` and `/* */`) and trailing commas are welcome. What is left out, or null, "
                + "stays at its default. A name that is not known is an error, with the line where it stands and the name that was probably meant.")
            .Paragraph("What most need:")
            .Verbatim(
                "{",
                "  \"Smarthost\": {",
                "    \"Host\": \"smtp.example.net\",",
                "    \"Username\": \"box@example.net\",",
                "    \"PasswordFile\": \"/etc/relayproxy/smtp_password\"",
                "  },",
                "  \"Delivery\": { \"PostmasterAddress\": \"you@example.net\" }",
                "}")
            .Paragraph("`relayproxy check` tells what is wrong with the settings, `relayproxy config show` each value in effect and where it came from, and "
                + "`relayproxy config defaults` writes a file that has every setting at its default. A change of the file takes effect within seconds, at once "
                + "with SIGHUP; settings marked (restart) wait for the next start.");
        WriteSources(page);
        WriteValues(page);
        page.Section("SETTINGS").Paragraph("Each with its default.");
        foreach ((string key, string comment) in SettingsGuide.Comments())
        {
            WriteSetting(page, key, comment);
        }

        return Places.WriteFiles(page, Places.Settings, Places.Password, Places.Aliases, Places.MailName, Places.Queue).SeeAlso(("relayproxy", 8), ("sendmail", 8));
    }

    private static void WriteSources(ManPage page)
    {
        page.Section("SOURCES")
            .Paragraph("A setting may stand in several places. What comes later in this list wins; a list is replaced as a whole.")
            .Item("1.", "The default.")
            .Item("2.", "A dma.conf, where `--dma` or RELAYPROXY_DMACONF names one.")
            .Item("3.", "The configuration file: the first of what `--config` names, what RELAYPROXY_CONFIG names, /etc/relayproxy/relayproxy.json, and "
                + "config/relayproxy.json in the working folder.")
            .Item("4.", "The environment: `RELAYPROXY_Smarthost__Host=smtp.example.net`; items of a list as `RELAYPROXY_Listener__Endpoints__0`.")
            .Item("5.", "Files in /run/secrets, where container engines put secrets.")
            .Item("6.", "Files in $CREDENTIALS_DIRECTORY, where systemd puts them (LoadCredential=).")
            .Item("7.", "The command line: `--Smarthost:Host=smtp.example.net`.")
            .Paragraph("The name of a file in one of those two folders says what is in it:");
        foreach (IGrouping<string, string> names in CredentialFiles.Names.GroupBy(entry => entry.Key, entry => entry.Name))
        {
            page.Item(string.Join(", ", names.Select(Roff.Bold)), $"As `{names.Key}` would name it.");
        }
    }

    private static void WriteValues(ManPage page) => page.Section("VALUES")
        .Item("Durations", "`30s`, `5m`, `1h30m`, `5d`, or hours, minutes and seconds: `01:30:00`.")
        .Item("Sizes", "Octets, or with a unit: `512KiB`, `50MiB`, `25MB`.")
        .Item("Lists", "`[\"a\", \"b\"]`, or one text with commas: `\"a, b\"`.")
        .Item("Switches", "`true` or `false`.");

    private static void WriteSetting(ManPage page, string key, string comment)
    {
        if (!Settings.ByKey.TryGetValue(key, out Setting? setting))
        {
            page.Subsection(key).Paragraph(comment);
            return;
        }

        if (!key.Contains(':', StringComparison.Ordinal))
        {
            page.Subsection("Outside the sections");
        }

        page.Item(Term(key, Default(setting)), string.Join(' ', new[] { comment, Takes(setting.Shape, comment) }.Where(text => text.Length > 0)));
        foreach ((string variant, _) in Settings.FileVariants.Where(variant => variant.Value == key))
        {
            page.Item(Term(variant, "\"\""), $"A file whose first line is `{key}`.");
        }
    }

    private static string Term(string key, string value) => $"{Roff.Bold(key)} = {Roff.Text(value)}";

    /// <summary>As it would stand in the file.</summary>
    private static string Default(Setting setting)
    {
        SettingValue value = setting.Show(new RelayOptions());
        return setting.Shape.Kind switch
        {
            SettingKind.List => $"[{string.Join(", ", value.Items.Select(item => $"\"{item}\""))}]",
            SettingKind.Switch or SettingKind.Number or SettingKind.Map => value.Text,
            SettingKind.Text or SettingKind.Choice or SettingKind.Octets or SettingKind.Duration => $"\"{value.Text}\"",
        };
    }

    /// <summary>The bounds, and the choices where the comment does not go through them.</summary>
    private static string Takes(SettingShape shape, string comment) => shape.Kind switch
    {
        SettingKind.Number or SettingKind.Octets or SettingKind.Duration => $"Takes {shape.Noun}.",
        SettingKind.Choice when shape.Choices!.All(choice => comment.Contains(choice, StringComparison.Ordinal)) => "",
        SettingKind.Choice => $"One of {string.Join(", ", shape.Choices!)}.",
        SettingKind.Text or SettingKind.Switch or SettingKind.List or SettingKind.Map => "",
    };
}
