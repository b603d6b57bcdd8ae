using System.CommandLine;
using System.CommandLine.Help;
using RelayProxy.Commands.Completion;
using RelayProxy.Commands.Demo;
using RelayProxy.Commands.Install;
using RelayProxy.Commands.Manual;
using RelayProxy.Commands.Sendmail;
using RelayProxy.Commands.Top;
using RelayProxy.Configuration;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary>Every command, one line each, and what they have in common: settings as arguments, exit codes, complaints.</summary>
internal static class CommandTable
{
    /// <summary>Each with its name, so that only the one that was called is made.</summary>
    private static readonly KeyValuePair<string, Func<CommandContext, DescribedCommand>>[] s_commands =
    [
        new("serve", ServeCommand.Create),
        new("demo", DemoCommand.Create),
        new("check", CheckCommand.Create),
        new("queue", QueueCommand.Create),
        new("top", TopCommand.Create),
        new("drain", DrainCommand.Create),
        new("trace", TraceCommand.Create),
        new("aliases", AliasesCommand.Create),
        new("config", ConfigCommand.Create),
        new("rewrite", RewriteCommand.Create),
        new("health", HealthCommand.Create),
        new("install", InstallCommand.Create),
        new("uninstall", UninstallCommand.Create),
        new("version", VersionCommand.Create),
        new("manual", ManualCommand.Create),
        new("completion", CompletionCommand.Create),
        new("demo-smarthost", DemoSmarthostCommand.Create),
    ];

    /// <summary>The commands of long ago, which read their own flags: there are too many of them, and a parser would refuse what must be passed over.</summary>
    private static readonly (string Name, string Description, Func<CommandContext, IReadOnlyList<string>, Task<int>> RunAsync)[] s_oldCommands =
    [
        (CalledName.Sendmail, SendmailCommand.Description, SendmailCommand.RunAsync),
        (CalledName.Mailq, MailqCommand.Description, MailqCommand.RunAsync),
        (CalledName.NewAliases, NewAliasesCommand.Description, NewAliasesCommand.RunAsync),
        (CalledName.Rmail, RmailCommand.Description, RmailCommand.RunAsync),
    ];

    /// <summary><c>@example.net</c> is a domain, and no file of arguments to be read.</summary>
    private static readonly ParserConfiguration s_parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs what the arguments ask for.</summary>
    /// <param name="arguments">Settings among them (<c>--Section:Key=value</c>) go to <see cref="ConfigurationInputs.Arguments"/>.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(IReadOnlyList<string> arguments, CommandContext context)
    {
        context = context with { Inputs = context.Inputs with { Arguments = arguments } };
        List<string> words = CommandLineSettings.Others(arguments);
        foreach ((string name, _, Func<CommandContext, IReadOnlyList<string>, Task<int>> runAsync) in s_oldCommands)
        {
            if (words is [var first, ..] && first == name)
            {
                return OrComplainAsync(() => runAsync(context, words[1..]), context);
            }
        }

        // What service managers and containers type, at every start of a machine: it needs no parser, which would cost a tenth of that start.
        return words is [] or ["serve"]
            ? OrComplainAsync(() => ServeCommand.RunAsync(context, file: null, CancellationToken.None), context)
            : ParseAndRunAsync(words, context);
    }

    /// <summary>All of them, to be told about.</summary>
    public static CommandModel Describe(CommandContext context) => Build(context, first: "");

    private static async Task<int> ParseAndRunAsync(List<string> words, CommandContext context)
    {
        ParseResult parsed = Build(context, words[0]).Root.Parse(words, s_parsing);
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
        {
            foreach (string message in Complaints(parsed))
            {
                context.Complain($"relayproxy: {message}");
            }

            context.Complain($"Type: {CommandModel.PathOf(parsed.CommandResult.Command)} --help");
            return ExitCode.Usage;
        }

        return await OrComplainAsync(() => InvokeAsync(parsed, context), context);
    }

    /// <param name="first">If it names a command, only that one is made; else all are, for it may be help that is asked for.</param>
    private static CommandModel Build(CommandContext context, string first)
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
        root.Options.Add(CommonOptions.Dma);
        root.SetAction((parsed, cancellationToken) => ServeCommand.RunAsync(context, parsed.GetValue(CommonOptions.Config), cancellationToken));
        bool isNamed = s_commands.Any(command => command.Key == first);
        foreach ((string name, Func<CommandContext, DescribedCommand> create) in s_commands)
        {
            if (isNamed && name != first)
            {
                continue;
            }

            DescribedCommand described = create(context);
            root.Subcommands.Add(described.Command);
            foreach ((Command command, string[] lines) in described.Examples)
            {
                examples[command] = lines;
            }
        }

        foreach ((string name, string description, _) in isNamed ? [] : s_oldCommands)
        {
            root.Subcommands.Add(new Command(name, description));
        }

        foreach (Option option in root.Options.OfType<HelpOption>().ToArray())
        {
            option.Action = new HelpWithExamples((HelpAction)option.Action!, examples);
        }

        foreach (VersionOption option in root.Options.OfType<VersionOption>())
        {
            option.Action = new VersionCommand.Shown(context);
        }

        return new CommandModel(root, examples);
    }

    private static Task<int> InvokeAsync(ParseResult parsed, CommandContext context) => parsed.InvokeAsync(new InvocationConfiguration
    {
        Output = context.Output,
        Error = context.Error,
        EnableDefaultExceptionHandler = false,

        // Signals are the commands' own affair.
        ProcessTerminationTimeout = null,
    });

    /// <summary>Trouble that a person can mend is told in words.</summary>
    public static async Task<int> OrComplainAsync(Func<Task<int>> run, CommandContext context)
    {
        try
        {
            return await run();
        }
        catch (ReaderGoneException)
        {
            return ExitCode.Ok;
        }
        catch (ConfigurationException fault)
        {
            ProblemList.Write(fault.Problems, context);
            return fault.Problems.Any(problem => problem.IsForbidden) ? ExitCode.NoPermission : ExitCode.Configuration;
        }
        catch (QueueUnavailableException fault)
        {
            context.Complain($"relayproxy: {fault.Message}");
            return fault.IsForbidden ? ExitCode.NoPermission : ExitCode.Unavailable;
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
}
