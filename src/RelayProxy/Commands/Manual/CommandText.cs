using System.CommandLine;

namespace RelayProxy.Commands.Manual;

/// <summary>Commands, options and arguments as a manual shows them.</summary>
internal static class CommandText
{
    /// <summary><c>queue list [options] [ID...]</c>, in roff.</summary>
    public static string Usage(Command command)
    {
        string path = CommandModel.PathOf(command)["relayproxy ".Length..];
        IEnumerable<string> arguments = command.Arguments.Where(argument => !argument.Hidden).Select(Argument);
        string[] options = CommandModel.OptionsOf(command).Any() ? ["[options]"] : [];
        return string.Join(' ', [Roff.Bold(path), .. options, .. arguments]);
    }

    /// <summary><c>-c, --config FILE</c>, in roff.</summary>
    public static string Names(Option option)
    {
        string names = string.Join(", ", CommandModel.NamesOf(option).Select(Roff.Bold));
        return CommandModel.ValueOf(option) is { } value ? $"{names} {Roff.Italic(value)}" : names;
    }

    /// <summary>An option's or argument's description, with the words it takes where it takes no others.</summary>
    public static string Meaning(Symbol symbol)
    {
        string[] words = symbol is Option option && CommandModel.ValueOf(option) is null ? [] : CommandModel.WordsOf(symbol);
        string meaning = symbol.Description ?? "";
        return words.Length == 0 ? meaning : $"{meaning} One of {string.Join(", ", words.Select(word => $"`{word}`"))}.";
    }

    /// <summary>An argument's name with the marks of how often it may stand there, in roff.</summary>
    private static string Argument(Argument argument)
    {
        string name = Roff.Italic(argument.Name) + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : "");
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]" : name;
    }
}
