using System.CommandLine;

namespace RelayProxy.Commands.Manual;

/// <summary>relayproxy(8): the commands, from the same table as their help.</summary>
internal static class RelayPage
{
    public const string Name = "relayproxy";

    public static ManPage Write(CommandModel model, DateOnly date)
    {
        var page = new ManPage([Name], 8, "takes mail from the programs of one machine and passes it on to a mail provider", date);
        page.Section("SYNOPSIS")
            .Alone($"{Roff.Bold(Name)} [{Roff.Bold("serve")}] [options] [{Roff.Bold("--")}{Roff.Italic("Section")}{Roff.Bold(":")}{Roff.Italic("Key")}{Roff.Bold("=")}{Roff.Italic("value")}]...")
            .Below($"{Roff.Bold(Name)} {Roff.Italic("command")} [options] [arguments]");

        page.Section("DESCRIPTION")
            .Paragraph(model.Root.Description!)
            .Paragraph("Programs hand it mail on port 25 of this machine, or through the `sendmail` command. It stores each message on disk before it says that "
                + "it has it, and sends it to the smarthost over TLS, with a login. If the smarthost is away, or the password has expired, the mail "
                + "waits. If the smarthost refuses a message, the sender gets a bounce.")
            .Paragraph("Without a command it is the relay itself, as with `serve`. Called as `sendmail`, `mailq`, `newaliases` or `rmail` it does what these "
                + "always did. The other commands work on the queue and the settings directly, whether the relay runs or not.");

        page.Section("OPTIONS")
            .Paragraph("Every command takes these, and every setting of relayproxy.json(5) as `--Section:Key=value`:");
        WriteOptions(page, model.CommonOptions);
        page.Item($"{Roff.Bold("-?")}, {Roff.Bold("-h")}, {Roff.Bold("--help")}", "Tell what a command does, with its options and examples.")
            .Item(Roff.Bold("--version"), "Tell which version this is.");

        page.Section("COMMANDS");
        foreach (Command command in CommandModel.CommandsOf(model.Root).SelectMany(CommandModel.WithAllBelow))
        {
            WriteCommand(page, command);
        }

        WriteSignals(page);
        ExitStatus.Write(page, [.. ExitStatus.All.Select(entry => entry.Code)]);
        Places.WriteEnvironment(page);
        Places.WriteFiles(page, Places.Settings, Places.Password, Places.Aliases, Places.MailName, Places.Queue, Places.Digest);
        WriteExamples(page, model);
        return page.SeeAlso(("mailq", 1), ("newaliases", 1), ("relayproxy.json", 5), ("sendmail", 8));
    }

    private static void WriteCommand(ManPage page, Command command)
    {
        if (CommandModel.CommandsOf(command).Any())
        {
            // What it does is told by each of those.
            return;
        }

        page.Item(CommandText.Usage(command), command.Description!);
        Argument[] arguments = [.. command.Arguments.Where(argument => !argument.Hidden)];
        Option[] options = [.. CommandModel.OptionsOf(command)];
        if (arguments.Length + options.Length > 0)
        {
            page.Indented(inner =>
            {
                foreach (Argument argument in arguments)
                {
                    inner.Item(Roff.Italic(argument.Name), CommandText.Meaning(argument));
                }

                WriteOptions(inner, options);
            });
        }
    }

    private static void WriteOptions(ManPage page, IEnumerable<Option> options)
    {
        foreach (Option option in options)
        {
            page.Item(CommandText.Names(option), CommandText.Meaning(option));
        }
    }

    private static void WriteSignals(ManPage page) => page.Section("SIGNALS")
        .Item(Roff.Bold("SIGHUP"), "Read the settings again, and try at once what was deferred.")
        .Item(Roff.Bold("SIGTERM, SIGINT"), "Stop. What is under way has `ShutdownGrace` to finish; a second one ends it at once. Nothing accepted is lost by either.");

    private static void WriteExamples(ManPage page, CommandModel model)
    {
        page.Section("EXAMPLES");
        foreach (Command command in CommandModel.WithAllBelow(model.Root))
        {
            foreach (string line in model.Examples.GetValueOrDefault(command, []))
            {
                // Help shows what an example is for to the right of it; a page is too narrow for that.
                string[] parts = line.Split("  ", 2, StringSplitOptions.TrimEntries);
                page.Verbatim(parts.Length == 2 ? [$"# {parts[1]}", parts[0]] : parts);
            }
        }
    }
}
