using System.CommandLine;
using System.CommandLine.Help;
using RelayProxy.Commands.Demo;
using RelayProxy.Configuration;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary>Every command, one line each, and what they have in common: settings as arguments, exit codes, complaints.</summary>
internal static class CommandTable
{
    private static readonly Func<CommandContext, DescribedCommand>[] s_commands =
    [
        ServeCommand.Create,
        DemoCommand.Create,
        CheckCommand.Create,
        QueueCommand.Create,
        TraceCommand.Create,
        ConfigCommand.Create,
        HealthCommand.Create,
        VersionCommand.Create,
        DemoSmarthostCommand.Create,
    ];

    /// <summary><c>@example.net</c> is a domain, and no file of arguments to be read.</summary>
    private static readonly ParserConfiguration s_parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs what the arguments ask for.</summary>
    /// <param name="arguments">Settings among them (<c>--Section:Key=value</c>) go to <see cref="ConfigurationInputs.Arguments"/>.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CommandContext context)
    {
        context = context with { Inputs = context.Inputs with { Arguments = arguments } };
        RootCommand root = Build(context);
        ParseResult parsed = root.Parse(CommandLineSettings.Split(arguments).Others, s_parsing);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
        {
            foreach (string message in Complaints(parsed))
            {
                context.Complain($"relayproxy: {message}");
            }

            context.Complain($"Type: {PathOf(parsed.CommandResult.Command)} --help");
            return ExitCode.Usage;
        }

        return await InvokeAsync(parsed, context);
    }

    private static RootCommand Build(CommandContext context)
    {
        var root = new RootCommand("RelayProxy takes mail from this machine's programs without a password, keeps it safe, and sends it on to a smarthost.");
        var examples = new Dictionary<Command, string[]>
        {
            [root] =
            [
                "relayproxy check --connect            is everything right, the smarthost's answer included?",
                "relayproxy --Smarthost:Host=smtp.example.net --Queue:Path=/srv/mail",
            ],
        };
        root.Options.Add(CommonOptions.Config);
        root.SetAction((parsed, cancellationToken) => ServeCommand.RunAsync(context, parsed.GetValue(CommonOptions.Config), cancellationToken));
        foreach (Func<CommandContext, DescribedCommand> create in s_commands)
        {
            DescribedCommand described = create(context);
            root.Subcommands.Add(described.Command);
            foreach ((Command command, string[] lines) in described.Examples)
            {
                examples[command] = lines;
            }
        }

        foreach (Option option in root.Options.OfType<HelpOption>().ToArray())
        {
            option.Action = new HelpWithExamples((HelpAction)option.Action!, examples);
        }

        foreach (VersionOption option in root.Options.OfType<VersionOption>())
        {
            option.Action = new VersionCommand.Shown(context);
        }

        return root;
    }

    private static async Task<int> InvokeAsync(ParseResult parsed, CommandContext context)
    {
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = context.Output,
                Error = context.Error,
                EnableDefaultExceptionHandler = false,

                // Signals are the commands' own affair.
                ProcessTerminationTimeout = null,
            });
        }
        catch (ConfigurationException fault)
        {
            ProblemList.Write(fault.Problems, context);
            return ExitCode.Configuration;
        }
        catch (QueueUnavailableException fault)
        {
            context.Complain($"relayproxy: {fault.Message}");
            return ExitCode.Unavailable;
        }
        catch (UnauthorizedAccessException fault)
        {
            context.Complain($"relayproxy: {fault.Message}");
            return ExitCode.NoPermission;
        }
        catch (IOException fault)
        {
            context.Complain($"relayproxy: {fault.Message}");
            return ExitCode.InputOutput;
        }
    }

    /// <summary>Where a word was not understood, that a command is missing says nothing more.</summary>
    private static string[] Complaints(ParseResult parsed)
    {
        string[] messages = [.. parsed.Errors.Select(error => string.Join(' ', error.Message.Split((char[])['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries))).Distinct()];
        string[] unknown = [.. messages.Where(message => parsed.UnmatchedTokens.Any(token => message.Contains($"'{token}'", StringComparison.Ordinal)))];
        return unknown.Length > 0 ? unknown : messages;
    }

    private static string PathOf(Command command) =>
        command is RootCommand ? "relayproxy" : $"{PathOf((Command)command.Parents.First())} {command.Name}";
}
