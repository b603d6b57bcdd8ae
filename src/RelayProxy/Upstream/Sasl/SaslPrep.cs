using System.Text;

namespace RelayProxy.Upstream.Sasl;

/// <summary>
/// SASLprep (RFC 4013), as far as it can be done without a normalization table: this program runs in globalization-invariant mode,
/// where <see cref="string.Normalize()"/> returns its input unchanged and says nothing. Letters that NFKC is known to leave alone
/// pass; blanks are mapped and invisible characters dropped as the RFC asks; for everything else the answer is "can't", and SCRAM is
/// passed over in favour of a mechanism whose server prepares the password.
/// </summary>
internal static class SaslPrep
{
    /// <summary>
    /// Starters without decomposition, assigned in Unicode 3.2, written from left to right, of which no two compose with each other
    /// (UnicodeData.txt). First and last of each range.
    /// </summary>
    private static readonly (char First, char Last)[] s_stable =
    [
        ('\u0020', '\u007E'), // ASCII without controls
        ('\u00A1', '\u00A7'), ('\u00A9', '\u00A9'), ('\u00AB', '\u00AC'), ('\u00AE', '\u00AE'), ('\u00B0', '\u00B1'),
        ('\u00B6', '\u00B7'), ('\u00BB', '\u00BB'), ('\u00BF', '\u0131'), // Latin
        ('\u0134', '\u013E'), ('\u0141', '\u0148'), ('\u014A', '\u017E'),
        ('\u0386', '\u0386'), ('\u0388', '\u038A'), ('\u038C', '\u038C'), ('\u038E', '\u03A1'), ('\u03A3', '\u03CE'), // Greek
        ('\u0400', '\u0481'), // Cyrillic
        ('\u20AC', '\u20AC'), // the euro
        ('\u3041', '\u3096'), ('\u30A1', '\u30FE'), // kana
        ('\u4E00', '\u9FA5'), // unified ideographs
        ('\uAC00', '\uD7A3'), // Hangul syllables
    ];

    /// <returns>False for text that is prohibited, or cannot be prepared here.</returns>
    public static bool TryPrepare(string text, out string prepared)
    {
        prepared = "";
        var output = new StringBuilder(text.Length);
        foreach (char letter in text)
        {
            if (IsBlank(letter))
            {
                output.Append(' ');
            }
            else if (IsStable(letter))
            {
                output.Append(letter);
            }
            else if (!IsDropped(letter))
            {
                return false;
            }
        }

        prepared = output.ToString();
        return true;
    }

    private static bool IsStable(char letter) =>
        Array.Exists(s_stable, range => letter >= range.First && letter <= range.Last);

    /// <summary>RFC 3454, table C.1.2.</summary>
    private static bool IsBlank(char letter) => letter is '\u00A0' or '\u1680' or (>= '\u2000' and <= '\u200A') or '\u202F' or '\u205F' or '\u3000';

    /// <summary>RFC 3454, table B.1.</summary>
    private static bool IsDropped(char letter) =>
        letter is '\u00AD' or '\u034F' or '\u1806' or (>= '\u180B' and <= '\u180D') or (>= '\u200B' and <= '\u200D') or '\u2060'
            or (>= '\uFE00' and <= '\uFE0F') or '\uFEFF';
}
