using System.Globalization;
using System.Text;

namespace RelayProxy.Telemetry;

/// <summary>Makes what others wrote fit for a log: one event stays one line, and nothing in it moves a cursor or turns the direction
/// of the text.</summary>
internal static class LogText
{
    /// <summary>The same text, with control and format characters, line separators and all beyond the basic plane as <c>\u202e</c>,
    /// cut to <paramref name="maxLength"/> characters before that.</summary>
    public static string Printable(string text, int maxLength = 320)
    {
        if (text.Length <= maxLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return text;
        }

        var printable = new StringBuilder(text.Length + 16);
        foreach (char letter in text.AsSpan(0, Math.Min(text.Length, maxLength)))
        {
            if (IsPlain(letter))
            {
                printable.Append(letter);
            }
            else
            {
                printable.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
            }
        }

        return text.Length > maxLength ? printable.Append('…').ToString() : printable.ToString();
    }

    /// <summary>Without the user and password of a URL, where somebody has written one.</summary>
    /// <param name="isPlace">What it should be has neither, and is no address: what stands before an <c>@</c> is a login even without a <c>://</c>.</param>
    public static string WithoutLogin(string text, bool isPlace = false)
    {
        const string Scheme = "://";
        int scheme = text.IndexOf(Scheme, StringComparison.Ordinal);
        int begin = scheme < 0 ? 0 : scheme + Scheme.Length;
        int end = text.LastIndexOf('@');
        return end > begin && (isPlace || scheme >= 0) ? $"{text[..begin]}***{text[end..]}" : text;
    }

    private static bool IsPlain(char letter) => CharUnicodeInfo.GetUnicodeCategory(letter) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
