using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RelayProxy.Delivery.Local;

/// <summary>
/// Takes a command line apart as a shell would its quotes, and does nothing else that a shell does: what would need one (pipes, variables,
/// wild cards) is refused, rather than handed to the program as if it were text.
/// </summary>
internal static class CommandLine
{
    private const string ShellCharacters = "|&;<>()$`*?[]{}!\n";

    /// <param name="words">The program and its arguments.</param>
    /// <param name="why">In words, where it cannot be.</param>
    public static bool TryParse(string line, [NotNullWhen(true)] out IReadOnlyList<string>? words, out string why)
    {
        var parsed = new List<string>();
        var word = new StringBuilder();
        bool inWord = false;
        char quote = '\0';
        words = null;
        why = "";
        for (int i = 0; i < line.Length; i++)
        {
            char letter = line[i];
            if (letter == '\\' && quote != '\'')
            {
                if (++i == line.Length)
                {
                    why = "it ends with a backslash";
                    return false;
                }

                // Between double quotes a backslash stands for itself, but before what it can protect there.
                if (quote == '"' && line[i] is not ('"' or '\\' or '$' or '`'))
                {
                    word.Append('\\');
                }

                word.Append(line[i]);
                inWord = true;
            }
            else if (quote != '\0' ? letter == quote : letter is '\'' or '"')
            {
                quote = quote == '\0' ? letter : '\0';
                inWord = true;
            }
            else if (quote == '\0' && letter is ' ' or '\t')
            {
                if (inWord)
                {
                    parsed.Add(word.ToString());
                    word.Clear();
                    inWord = false;
                }
            }
            else if (quote == '\'' || (quote == '"' ? letter is not ('$' or '`') : !ShellCharacters.Contains(letter, StringComparison.Ordinal)))
            {
                word.Append(letter);
                inWord = true;
            }
            else
            {
                why = $"it holds {letter}, which only a shell understands: put it into a script, or between single quotes";
                return false;
            }
        }

        if (quote != '\0')
        {
            why = $"its {quote} has no other";
            return false;
        }

        if (inWord)
        {
            parsed.Add(word.ToString());
        }

        why = parsed.Count == 0 ? "it is empty" : "";
        words = parsed.Count == 0 ? null : parsed;
        return words is not null;
    }
}
