namespace RelayProxy.Commands.Completion;

/// <summary>The commands that tell fish.</summary>
internal static class FishCompletion
{
    public static string Write(IReadOnlyList<CompletedCommand> commands) => $$"""
        # Completion of relayproxy for fish, as "relayproxy completion fish" writes it.

        function __relayproxy_at --description 'Is this the command on the line so far?'
            set -l command ''
            for word in (commandline -opc)[2..]
                switch "$command $word"
                    case {{string.Join(" \\\n                ", commands.Where(command => command.Path.Length > 0).Select(command => Quote(" " + command.Path)))}}
                        set command "$command $word"
                end
            end
            test "$command" = "$argv[1]"
        end

        complete -c relayproxy -f
        {{string.Join('\n', [.. commands.SelectMany(Below), .. CompletedValue.Settings.Select(Setting)])}}

        """;

    private static IEnumerable<string> Below(CompletedCommand command)
    {
        string at = $"complete -c relayproxy -n {Quote($"__relayproxy_at {Quote(command.Path.Length == 0 ? "" : " " + command.Path)}")}";
        foreach ((string name, string description) in command.Commands)
        {
            yield return $"{at} -a {name} -d {Quote(description)}";
        }

        if (command.Arguments is { Words.Count: > 0 } words)
        {
            yield return $"{at} -a {Quote(string.Join(' ', words.Words))}";
        }

        if (command.Arguments is { IsPath: true })
        {
            yield return $"{at} -F";
        }

        foreach (CompletedOption option in command.Options)
        {
            IEnumerable<string> names = option.Names.Select(name =>
                name.StartsWith("--", StringComparison.Ordinal) ? $"-l {name[2..]}" : $"-s {name[1..]}");
            yield return $"{at} {string.Join(' ', names)}{Behind(option.Value)} -d {Quote(option.Description)}";
        }
    }

    private static string Setting(CompletedOption setting) =>
        $"complete -c relayproxy -l {setting.Names[0][2..]}{Behind(setting.Value)} -d {Quote(setting.Description)}";

    private static string Behind(CompletedValue? value) => value switch
    {
        null => "",
        { IsPath: true } => " -r -F",
        { Words.Count: > 0 } => $" -x -a {Quote(string.Join(' ', value.Words))}",
        _ => " -x",
    };

    private static string Quote(string text) => $"'{text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}'";
}
