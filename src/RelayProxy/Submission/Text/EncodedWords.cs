using System.Text;

namespace RelayProxy.Submission.Text;

/// <summary>
/// Text beyond ASCII as words that any header may hold (RFC 2047). None is longer than 75 octets, and in UTF-8 none ends within a letter. Blanks and
/// folds between two of them do not count.
/// </summary>
internal static class EncodedWords
{
    public const int MaxOctets = 75;

    public const string Utf8 = "utf-8";

    /// <param name="charset">What the text is in.</param>
    /// <param name="firstOctets">How long the first word may be.</param>
    public static List<string> Of(ReadOnlySpan<byte> text, string charset, int firstOctets = MaxOctets)
    {
        // encoded-word = "=?" charset "?" encoding "?" encoded-text "?="
        string front = $"=?{charset}?q?";
        var words = new List<string>();
        var word = new StringBuilder(front);
        while (!text.IsEmpty)
        {
            int letter = charset == Utf8 ? LengthOfLetter(text) : 1;
            if (word.Length + (IsPlain(text[0]) ? 1 : 3 * letter) + "?=".Length > (words.Count == 0 ? firstOctets : MaxOctets))
            {
                words.Add(word.Append("?=").ToString());
                word.Clear().Append(front);
            }

            foreach (byte octet in text[..letter])
            {
                if (IsPlain(octet))
                {
                    word.Append(octet == ' ' ? '_' : (char)octet);
                }
                else
                {
                    word.Append('=').Append(Hex(octet >> 4)).Append(Hex(octet & 15));
                }
            }

            text = text[letter..];
        }

        words.Add(word.Append("?=").ToString());
        return words;
    }

    private static int LengthOfLetter(ReadOnlySpan<byte> text)
    {
        _ = Rune.DecodeFromUtf8(text, out _, out int length);
        return length;
    }

    /// <summary>In a phrase little else may stand as it is (RFC 2047 §5).</summary>
    private static bool IsPlain(byte octet) => octet == ' ' || char.IsAsciiLetterOrDigit((char)octet);

    private static char Hex(int digit) => "0123456789ABCDEF"[digit];
}
