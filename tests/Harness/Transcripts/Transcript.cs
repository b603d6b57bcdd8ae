using System.Globalization;
using System.Text;

namespace RelayProxy.Harness.Transcripts;

/// <summary>
/// A golden dialogue, as it stands in a <c>.smtp</c> file. Blank lines and lines that begin with <c>#</c> are for the reader. Texts are
/// UTF-8. After <c>C|</c> and <c>U|</c> come raw octets: <c>\r \n \t \\ \xHH</c> and <c>\{text*1000}</c> for a thousand times <c>text</c>.
/// </summary>
internal static class Transcript
{
    public static IReadOnlyList<TranscriptStep> Parse(IEnumerable<string> lines)
    {
        var steps = new List<TranscriptStep>();
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            if (line.Length > 0 && line[0] != '#')
            {
                steps.Add(ParseLine(number, line));
            }
        }

        return steps;
    }

    private static TranscriptStep ParseLine(int number, string line)
    {
        if (line[0] == '@')
        {
            string[] words = line.Split(' ', 2, StringSplitOptions.TrimEntries);
            StepKind kind = words[0] switch
            {
                "@config" => StepKind.Config,
                "@wait" => StepKind.Wait,
                "@smarthost" => StepKind.Smarthost,
                "@queue" => StepKind.Queue,
                "@connect" => StepKind.Connect,
                _ => throw new FormatException($"line {number}: unknown directive {words[0]}"),
            };
            return new TranscriptStep(number, kind, words.Length > 1 ? words[1] : "");
        }

        string mark = line.Length >= 2 ? line[..2] : line;
        string text = line.Length > 3 ? line[3..] : "";
        return mark switch
        {
            "C:" => Says(number, StepKind.ClientSays, text),
            "C|" => new(number, StepKind.ClientSays, text) { Octets = Unescape(number, text) },
            "C!" => new(number, StepKind.ClientHangsUp, ""),
            "S:" => new(number, StepKind.RelayAnswers, text),
            "S~" => new(number, StepKind.RelayAnswersLike, text),
            "S+" => new(number, StepKind.RelayAnswersUpTo, text),
            "S!" => new(number, StepKind.RelayHangsUp, ""),
            "R:" => new(number, StepKind.RelaySays, text),
            "R~" => new(number, StepKind.RelaySaysLike, text),
            "R+" => new(number, StepKind.RelaySaysUpTo, text),
            "R!" => new(number, StepKind.RelayLeaves, ""),
            "U:" => Says(number, StepKind.SmarthostSays, text),
            "U|" => new(number, StepKind.SmarthostSays, text) { Octets = Unescape(number, text) },
            "U!" => new(number, StepKind.SmarthostHangsUp, ""),
            _ => throw new FormatException($"line {number}: a line begins with C S R U and one of : ~ + ! |, with @ or with #: {line}"),
        };
    }

    private static TranscriptStep Says(int number, StepKind kind, string text) =>
        new(number, kind, text) { Octets = Encoding.UTF8.GetBytes(text + "\r\n") };

    private static byte[] Unescape(int number, string text)
    {
        var octets = new List<byte>();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '\\')
            {
                octets.AddRange(Encoding.UTF8.GetBytes(text, i, 1));
                continue;
            }

            i++;
            switch (i < text.Length ? text[i] : '\0')
            {
                case 'r': octets.Add((byte)'\r'); break;
                case 'n': octets.Add((byte)'\n'); break;
                case 't': octets.Add((byte)'\t'); break;
                case '\\': octets.Add((byte)'\\'); break;
                case 'x':
                    octets.Add(byte.Parse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                    i += 2;
                    break;
                case '{':
                    int end = text.IndexOf('}', i);
                    int star = text.LastIndexOf('*', end);
                    byte[] repeated = Unescape(number, text[(i + 1)..star]);
                    for (int count = int.Parse(text.AsSpan(star + 1, end - star - 1), CultureInfo.InvariantCulture); count > 0; count--)
                    {
                        octets.AddRange(repeated);
                    }

                    i = end;
                    break;
                default: throw new FormatException($"line {number}: unknown escape in {text}");
            }
        }

        return [.. octets];
    }

    /// <summary>Whether a line is like a pattern: <c>*</c> stands for anything, <c>?</c> for one letter, <c>\</c> takes the next as it is.</summary>
    public static bool IsLike(ReadOnlySpan<char> line, ReadOnlySpan<char> pattern)
    {
        while (pattern.Length > 0)
        {
            if (pattern[0] == '*')
            {
                for (int skip = 0; skip <= line.Length; skip++)
                {
                    if (IsLike(line[skip..], pattern[1..]))
                    {
                        return true;
                    }
                }

                return false;
            }

            if (line.Length == 0)
            {
                return false;
            }

            if (pattern[0] == '\\' && pattern.Length > 1)
            {
                pattern = pattern[1..];
                if (pattern[0] != line[0])
                {
                    return false;
                }
            }
            else if (pattern[0] != '?' && pattern[0] != line[0])
            {
                return false;
            }

            line = line[1..];
            pattern = pattern[1..];
        }

        return line.Length == 0;
    }
}
