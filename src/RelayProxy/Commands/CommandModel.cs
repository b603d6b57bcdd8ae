using System.CommandLine;
using System.CommandLine.Help;

namespace RelayProxy.Commands;

/// <summary>Every command with its options, and examples: what help, manual and completions are written from.</summary>
internal sealed record CommandModel(RootCommand Root, IReadOnlyDictionary<Command, string[]> Examples)
{
    /// <summary>The commands below one that are for everybody.</summary>
    public static IEnumerable<Command> CommandsOf(Command command) => command.Subcommands.Where(sub => !sub.Hidden);

    /// <summary>A command's own options. Help and version go without saying.</summary>
    public static IEnumerable<Option> OptionsOf(Command command) =>
        command.Options.Where(option => !option.Hidden && option is not (HelpOption or VersionOption));

    /// <summary>Options that every command takes.</summary>
    public IEnumerable<Option> CommonOptions => OptionsOf(Root).Where(option => option.Recursive);

    /// <summary>A command and all below it, in the order of the help.</summary>
    public static IEnumerable<Command> WithAllBelow(Command command) => CommandsOf(command).SelectMany(WithAllBelow).Prepend(command);

    /// <summary><c>relayproxy queue list</c>.</summary>
    public static string PathOf(Command command) =>
        command is RootCommand ? "relayproxy" : $"{PathOf((Command)command.Parents.First())} {command.Name}";

    /// <summary>An option's names, the short ones first.</summary>
    public static IEnumerable<string> NamesOf(Option option) => option.Aliases.Append(option.Name).OrderBy(name => name.Length);

    /// <summary>What an option wants behind it; <c>null</c> for a switch.</summary>
    public static string? ValueOf(Option option) =>
        option.Arity.MaximumNumberOfValues == 0 || option.ValueType == typeof(bool) ? null : option.HelpName ?? option.Name.TrimStart('-').ToUpperInvariant();

    /// <summary>The words that an option or argument takes; empty if it takes others too.</summary>
    public static string[] WordsOf(Symbol symbol) => [.. symbol.GetCompletions(System.CommandLine.Completions.CompletionContext.Empty).Select(item => item.Label)];
}
