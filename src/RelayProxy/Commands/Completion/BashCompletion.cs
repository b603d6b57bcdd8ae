namespace RelayProxy.Commands.Completion;

/// <summary>The script for bash, which needs nothing but bash itself.</summary>
internal static class BashCompletion
{
    public static string Write(IReadOnlyList<CompletedCommand> commands) => $$"""
        # Completion of relayproxy for bash, as "relayproxy completion bash" writes it.

        _relayproxy() {
            local line=${COMP_LINE:0:COMP_POINT} command= word commands= options= files= prefix=
            local cur=${line##*[[:blank:]]} previous i
            local -a words
            read -ra words <<<"$line"
            if [ -n "$cur" ]; then unset 'words[-1]'; fi
            previous=${words[-1]}
            for word in "${words[@]:1}"; do
                case "$command $word" in
                    {{string.Join("|\\\n            ", commands.Where(command => command.Path.Length > 0).Select(command => Quote(Spaced(command))))}}) command="$command $word";;
                esac
            done
            case "$command" in
                {{Arms(commands.Select(Below))}}
            esac
            case "$command $previous" in
                {{Arms(commands.SelectMany(command => command.Options, Behind).OfType<string>())}}
            esac
            case "$cur" in
                {{Arms(CompletedValue.Settings.Select(Behind).OfType<string>())}}
                --*=*) commands= options=;;
                --*:*) options={{Quote(Words(CompletedValue.Settings.Select(Name)))}};;
                -*) options="$options {{Words(CompletedValue.Settings.Select(Section).Distinct())}}";;
                *) if [ -z "$prefix" ] && [ "$options" != "${options#-}" ]; then options=; fi;;
            esac
            mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "$commands $options" -- "${cur#"$prefix"}")
            if [ -n "$files" ]; then
                compopt -o filenames
                mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -P "$prefix" -f -- "${cur#"$prefix"}")
            fi
            if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[:=] ]]; then compopt -o nospace; fi

            # Bash takes the last word to begin behind a colon or an equals sign, and wants to be told no more than that.
            prefix=
            if [[ $COMP_WORDBREAKS == *:* ]]; then prefix=${cur%"${cur##*:}"}; fi
            if [[ $COMP_WORDBREAKS == *=* && $cur == *=* ]]; then prefix=${cur%"${cur##*=}"}; fi
            for i in "${!COMPREPLY[@]}"; do COMPREPLY[i]=${COMPREPLY[i]#"$prefix"}; done
        }

        complete -F _relayproxy relayproxy

        """;

    /// <summary>What may stand behind a command.</summary>
    private static string Below(CompletedCommand command)
    {
        string words = Words([.. command.Commands.Select(sub => sub.Name), .. command.Arguments?.Words ?? []]);
        string options = Words(command.Options.SelectMany(option => option.Names));
        return $"{Quote(Spaced(command))}) commands={Quote(words)} options={Quote(options)}{(command.Arguments is { IsPath: true } ? " files=1" : "")};;";
    }

    /// <summary>What may stand behind an option; <c>null</c> where nothing does.</summary>
    private static string? Behind(CompletedCommand command, CompletedOption option) => option.Value is { } value
        ? $"{string.Join('|', option.Names.Select(name => Quote($"{Spaced(command)} {name}")))}) {Only(value)};;"
        : null;

    /// <summary>What may stand behind a setting's equals sign; <c>null</c> where nobody can tell.</summary>
    private static string? Behind(CompletedOption setting) => setting.Value is { IsPath: true } or { Words.Count: > 0 }
        ? $"{Quote(Name(setting))}*) prefix={Quote(Name(setting))} {Only(setting.Value)};;"
        : null;

    private static string Only(CompletedValue value) => $"commands={Quote(Words(value.Words))} options= files={(value.IsPath ? "1" : "")}";

    private static string Arms(IEnumerable<string> arms) => string.Join("\n        ", arms);

    private static string Words(IEnumerable<string> words) => string.Join(' ', words);

    private static string Spaced(CompletedCommand command) => command.Path.Length == 0 ? "" : " " + command.Path;

    /// <summary><c>--Smarthost:Host=</c>.</summary>
    private static string Name(CompletedOption setting) => setting.Names[0] + "=";

    /// <summary><c>--Smarthost:</c>, of which there are few enough to be shown at once.</summary>
    private static string Section(CompletedOption setting) =>
        setting.Names[0].IndexOf(':', StringComparison.Ordinal) is > 0 and int colon ? setting.Names[0][..(colon + 1)] : Name(setting);

    private static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
