namespace RelayProxy.Commands.Completion;

/// <summary>The function for zsh's own completion system.</summary>
internal static class ZshCompletion
{
    public static string Write(IReadOnlyList<CompletedCommand> commands) => $$"""
        #compdef relayproxy
        # Completion of relayproxy for zsh, as "relayproxy completion zsh" writes it.

        _relayproxy() {
            local command= word previous=${words[CURRENT-1]}
            local -a commands options settings
            for word in ${words[2,CURRENT-1]}; do
                case "$command $word" in
                    {{string.Join("|\\\n            ", commands.Where(command => command.Path.Length > 0).Select(command => $"({Quote(Spaced(command))})"))}}) command="$command $word";;
                esac
            done
            case "$command $previous" in
                {{Arms(commands.SelectMany(command => command.Options, Behind).OfType<string>())}}
            esac
            case $PREFIX in
                {{Arms(CompletedValue.Settings.Select(Behind).OfType<string>())}}
                (--*=*) return;;
                (-*)
                    settings=(
                        {{string.Join("\n                ", CompletedValue.Settings.Select(setting => Described(setting.Names[0] + "=", setting.Description)))}}
                    )
                    _describe -t settings setting settings -S '';;
            esac
            case "$command" in
                {{Arms(commands.Select(Below))}}
            esac
            _describe -t commands command commands
            if [[ $PREFIX == -* ]]; then _describe -t options option options; fi
        }

        _relayproxy "$@"

        """;

    private static string Below(CompletedCommand command)
    {
        string[] below =
        [
            .. command.Commands.Select(sub => Described(sub.Name, sub.Description)),
            .. command.Arguments?.Words.Select(Quote) ?? [],
        ];
        IEnumerable<string> options = command.Options.SelectMany(option => option.Names, (option, name) => Described(name, option.Description));
        return $"({Quote(Spaced(command))}) commands=({string.Join(' ', below)}) options=({string.Join(' ', options)}){(command.Arguments is { IsPath: true } ? "; _files" : "")};;";
    }

    private static string? Behind(CompletedCommand command, CompletedOption option) => option.Value is { } value
        ? $"({string.Join('|', option.Names.Select(name => Quote($"{Spaced(command)} {name}")))}) {Only(value)}; return;;"
        : null;

    private static string? Behind(CompletedOption setting) => setting.Value is { IsPath: true } or { Words.Count: > 0 }
        ? $"({Quote(setting.Names[0] + "=")}*) compset -P '*='; {Only(setting.Value)}; return;;"
        : null;

    private static string Only(CompletedValue value) =>
        value.IsPath ? "_files" : value.Words.Count > 0 ? $"compadd -- {string.Join(' ', value.Words.Select(Quote))}" : ":";

    private static string Arms(IEnumerable<string> arms) => string.Join("\n        ", arms);

    private static string Spaced(CompletedCommand command) => command.Path.Length == 0 ? "" : " " + command.Path;

    /// <summary>A name and what it means; a colon stands between the two, so one in the name needs a backslash.</summary>
    private static string Described(string name, string description) => Quote($"{name.Replace(":", @"\:", StringComparison.Ordinal)}:{description}");

    private static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
