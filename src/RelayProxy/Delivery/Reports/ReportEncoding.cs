using System.Globalization;
using System.Text;
using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Delivery.Reports;

/// <summary>How others' words are put into a report so that they stay words: escaped, cut and folded.</summary>
internal static class ReportEncoding
{
    /// <summary>A smarthost's longest answer that is quoted, in characters. Enough for six full reply lines.</summary>
    public const int MaxQuoted = 3000;

    private const int LineLength = 76;

    /// <summary>Control characters as <c>\x0d</c>; what is not ASCII as <c>\x{FC}</c>, unless <paramref name="utf8"/>.</summary>
    public static string Printable(ReadOnlySpan<char> text, bool utf8)
    {
        var printable = new StringBuilder(Math.Min(text.Length, MaxQuoted));
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (printable.Length >= MaxQuoted)
            {
                return printable.Append("...").ToString();
            }

            if (rune.Value < 128 ? rune.Value is >= 32 and < 127 : utf8 && IsGraphic(rune))
            {
                printable.Append(rune.ToString());
            }
            else if (rune.Value < 256)
            {
                printable.Append(CultureInfo.InvariantCulture, $"\\x{rune.Value:x2}");
            }
            else
            {
                printable.Append(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X}}}");
            }
        }

        return printable.ToString();
    }

    /// <summary>An address with its type: <c>rfc822; a@example.net</c>, <c>utf-8; ü@example.net</c>, or, where the report is in
    /// ASCII, <c>utf-8; \x{FC}@example.net</c> (utf-8-addr-xtext, RFC 6533 §3).</summary>
    public static string TypedAddress(Mailbox address, bool utf8)
    {
        string text = address.ToString();
        if (address.IsAscii)
        {
            return "rfc822; " + Printable(text, utf8);
        }

        return "utf-8; " + (utf8 ? Printable(text, utf8) : EmbeddedUnicode(text));
    }

    /// <summary>ORCPT as it stands in a report: decoded, its case and type as they came (RFC 3464 §2.3.1).</summary>
    public static string OriginalRecipient(string orcpt, bool utf8)
    {
        int semicolon = orcpt.IndexOf(';', StringComparison.Ordinal);
        string type = semicolon < 0 ? "rfc822" : orcpt[..semicolon];
        string address = orcpt[(semicolon + 1)..];
        string decoded = Xtext.TryDecode(address, out string plain) ? plain : address;
        return $"{Printable(type, utf8: false)}; {(utf8 || Ascii.IsValid(decoded) ? Printable(decoded, utf8) : EmbeddedUnicode(decoded))}";
    }

    /// <summary>A field, folded at its blanks (RFC 5322 §2.2.3): unfolded it is what it was.</summary>
    public static void AppendField(StringBuilder output, string name, string value)
    {
        output.Append(name).Append(':');
        int column = name.Length + 1;
        bool isFirst = true;
        foreach (string word in Words(value))
        {
            if (!isFirst && word.Length > 0 && column + 1 + word.Length > LineLength)
            {
                output.Append("\r\n");
                column = 0;
            }

            output.Append(' ').Append(word);
            column += word.Length + 1;
            isFirst = false;
        }

        output.Append("\r\n");
    }

    /// <summary>A paragraph of the part for people, wrapped and indented.</summary>
    public static void AppendText(StringBuilder output, string text, int indent = 0)
    {
        int column = 0;
        foreach (string word in Words(text))
        {
            if (column > 0 && column + 1 + word.Length > LineLength)
            {
                output.Append("\r\n");
                column = 0;
            }

            int blanks = column == 0 ? indent : 1;
            output.Append(' ', blanks).Append(word);
            column += blanks + word.Length;
        }

        output.Append("\r\n");
    }

    /// <summary>Quoted-printable (RFC 2045 §6.7), for header sections with octets above 127 where the way may be 7-bit.</summary>
    public static byte[] QuotedPrintable(ReadOnlySpan<byte> octets)
    {
        using var output = new MemoryStream(octets.Length + (octets.Length / 8));
        QuotedPrintable encoder = default;
        Span<byte> piece = stackalloc byte[1024];
        while (!octets.IsEmpty)
        {
            octets = octets[encoder.Encode(octets, isRest: true, piece, out int written)..];
            output.Write(piece[..written]);
        }

        return output.ToArray();
    }

    // A line holds 998 octets (RFC 5322 §2.1.1). No address is so long; an endless word in a reply is cut into pieces.
    private static IEnumerable<string> Words(string text)
    {
        foreach (string word in text.Split(' '))
        {
            int longest = Ascii.IsValid(word) ? 900 : 300;
            for (int at = 0; at == 0 || at < word.Length; at += longest)
            {
                yield return word.Substring(at, Math.Min(longest, word.Length - at));
            }
        }
    }

    private static string EmbeddedUnicode(string text)
    {
        var embedded = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value is > 32 and < 127 and not '\\' and not '+' and not '='
                ? embedded.Append((char)rune.Value)
                : embedded.Append(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X2}}}");
        }

        return embedded.ToString();
    }

    // Format characters can turn the direction of a line (U+202E) or hide: they are shown as what they are.
    private static bool IsGraphic(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
