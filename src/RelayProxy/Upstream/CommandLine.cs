using System.Text;

namespace RelayProxy.Upstream;

/// <summary>Takes a command line apart into its words without a shell: blanks separate, quotes of either kind keep together.</summary>
internal static class CommandLine
{
    /// <returns>False if a quote is not closed or there is no word.</returns>
    public static bool TrySplit(string text, out List<string> words)
    {
        words = [];
        var word = new StringBuilder();
        bool inWord = false;
        char quote = '\0';
        foreach (char letter in text)
        {
            if (quote != '\0')
            {
                if (letter == quote)
                {
                    quote = '\0';
                }
                else
                {
                    word.Append(letter);
                }
            }
            else if (letter is '"' or '\'')
            {
                (quote, inWord) = (letter, true);
            }
            else if (letter is not (' ' or '\t'))
            {
                word.Append(letter);
                inWord = true;
            }
            else if (inWord)
            {
                words.Add(word.ToString());
                word.Clear();
                inWord = false;
            }
        }

        if (inWord)
        {
            words.Add(word.ToString());
        }

        return quote == '\0' && words.Count > 0;
    }
}
