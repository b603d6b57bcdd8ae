using System.CommandLine;
using RelayProxy.Configuration;

namespace RelayProxy.Commands.Completion;

/// <summary>What can stand behind a command, or behind none.</summary>
/// <param name="Path"><c>queue list</c>; empty for the program itself.</param>
/// <param name="Commands">The commands below it.</param>
/// <param name="Arguments">What its arguments take; <c>null</c> if it has none.</param>
internal sealed record CompletedCommand(
    string Path, IReadOnlyList<(string Name, string Description)> Commands, IReadOnlyList<CompletedOption> Options, CompletedValue? Arguments)
{
    /// <summary>Every command there is, the program itself first.</summary>
    public static IReadOnlyList<CompletedCommand> All(CommandModel model)
    {
        CompletedOption[] common =
        [
            .. model.CommonOptions.Select(CompletedOption.Of),
            new(["-h", "--help"], "Tell what a command does, with its options and examples.", null),
        ];
        return [.. CommandModel.WithAllBelow(model.Root).Select(command => new CompletedCommand(
            CommandModel.PathOf(command)["relayproxy".Length..].TrimStart(),
            [.. CommandModel.CommandsOf(command).Select(sub => (sub.Name, sub.Description ?? ""))],
            [.. CommandModel.OptionsOf(command).Where(option => !option.Recursive).Select(CompletedOption.Of), .. common],
            CompletedValue.Of(command.Arguments)))];
    }
}

/// <param name="Value">What stands behind it; <c>null</c> if nothing does.</param>
internal sealed record CompletedOption(IReadOnlyList<string> Names, string Description, CompletedValue? Value)
{
    public static CompletedOption Of(Option option) => new(
        [.. CommandModel.NamesOf(option)],
        option.Description ?? "",
        CommandModel.ValueOf(option) is { } value ? CompletedValue.Of(value, option) : null);
}

/// <summary>What can be offered for a value.</summary>
/// <param name="IsPath">A file, or a folder.</param>
/// <param name="Words">All that may be written, if that can be told.</param>
internal sealed record CompletedValue(bool IsPath, IReadOnlyList<string> Words)
{
    /// <summary>The settings as options (<c>--Smarthost:Tls</c>), each with its description and what can be offered for it.</summary>
    public static IReadOnlyList<CompletedOption> Settings { get; } =
    [
        .. SettingsGuide.Comments()
            .Where(entry => Configuration.Settings.ByKey.ContainsKey(entry.Key))
            .Select(entry => new CompletedOption(["--" + entry.Key], FirstSentence(entry.Comment), Of(Configuration.Settings.ByKey[entry.Key]))),
    ];

    /// <summary>For any of a command's arguments, whichever of them it is.</summary>
    public static CompletedValue? Of(IList<Argument> arguments)
    {
        CompletedValue[] values = [.. arguments.Select(argument => Of(argument.Name, argument))];
        return values.Length == 0 ? null : new CompletedValue(values.Any(value => value.IsPath), [.. values.SelectMany(value => value.Words)]);
    }

    /// <param name="name">What the help calls it: <c>FILE</c>, <c>folder</c>.</param>
    public static CompletedValue Of(string name, Symbol symbol) =>
        new(name.ToUpperInvariant() is "FILE" or "FOLDER" or "PATH", CommandModel.WordsOf(symbol));

    /// <summary>There is one line for it.</summary>
    private static string FirstSentence(string comment) =>
        comment.IndexOf(". ", StringComparison.Ordinal) is >= 0 and int end ? comment[..(end + 1)] : comment;

    private static CompletedValue Of(Setting setting) => new(
        setting.Key.EndsWith("File", StringComparison.Ordinal) || setting.Key.EndsWith("Path", StringComparison.Ordinal),
        setting.Shape.Kind == SettingKind.Switch ? ["true", "false"] : setting.Shape.Choices ?? []);
}
