using System.Buffers;
using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Submission.Text;

/// <summary>
/// Fields in which letters beyond ASCII stand as they are: the subjects of cron, of mail(1), of many a web form. So they may go only where every
/// server on the way takes them (RFC 6531), and would come back from the others. What people read in them is therefore written in encoded words.
/// What machines read stays as it is, and so does all of a field that has such words already.
/// </summary>
internal static class HeaderLetters
{
    /// <summary>RFC 1428 §3.</summary>
    private const string UnknownCharset = "unknown-8bit";

    /// <summary>Of a line with an encoded word in it (RFC 2047 §2).</summary>
    private const int MaxColumns = 76;

    /// <summary>An encoded word shorter than this says hardly anything.</summary>
    private const int LeastOctets = 30;

    /// <summary>The whole field, encoded if it can be.</summary>
    public static ReadOnlySpan<byte> Encode(HeaderSection header, HeaderField field)
    {
        ReadOnlySpan<byte> octets = header.Octets.Slice(field.Start, field.Length);
        int value = field.ValueStart - field.Start;
        if (Ascii.IsValid(octets[value..]))
        {
            return octets;
        }

        List<Passage> passages = octets[value..].IndexOf("=?"u8) >= 0 ? []
            : IsAddressList(header, field) ? NamePassages.Find(octets, value)
            : IsUnstructured(header, field) ? [WordsBeyondAscii(octets, value)]
            : [];
        return passages.Count == 0 ? octets : Write(octets, passages, CharsetOf(header, octets));
    }

    /// <summary>From the first word with such letters to the last: a blank between two encoded words would be lost.</summary>
    private static Passage WordsBeyondAscii(ReadOnlySpan<byte> field, int value)
    {
        int start = value + field[value..].IndexOfAnyInRange((byte)0x80, (byte)0xff);
        int end = value + field[value..].LastIndexOfAnyInRange((byte)0x80, (byte)0xff) + 1;
        int blank = field[value..start].LastIndexOfAny(" \t\r\n"u8);
        return new Passage(value + blank + 1, end + field[end..].IndexOfAny(" \t\r\n"u8), IsPhrase: false);
    }

    private static ReadOnlySpan<byte> Write(ReadOnlySpan<byte> field, List<Passage> passages, string charset)
    {
        var output = new ArrayBufferWriter<byte>(2 * field.Length);
        int done = 0;
        foreach (Passage passage in passages)
        {
            WriteUpTo(output, field[done..passage.Start]);
            int room = MaxColumns - ColumnOf(output.WrittenSpan);
            List<string> words = EncodedWords.Of(
                passage.Text(field), charset, room < LeastOctets ? EncodedWords.MaxOctets : Math.Min(room, EncodedWords.MaxOctets));
            for (int i = 0; i < words.Count; i++)
            {
                output.Write(i == 0 ? ""u8 : "\r\n "u8);
                Encoding.ASCII.GetBytes(words[i], output);
            }

            done = passage.End;
        }

        output.Write(field[done..]);
        return output.WrittenSpan;
    }

    /// <summary>Folds before the blank at its end if the line is nearly full.</summary>
    private static void WriteUpTo(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> text)
    {
        ReadOnlySpan<byte> words = text.TrimEnd(" \t"u8);
        bool folds = words.Length < text.Length
            && words is [.., not ((byte)'\n' or (byte)':')]
            && MaxColumns - ColumnOf(output.WrittenSpan) - text.Length < LeastOctets;
        output.Write(words);
        output.Write(folds ? "\r\n"u8 : ""u8);
        output.Write(text[words.Length..]);
    }

    private static int ColumnOf(ReadOnlySpan<byte> text) => text.Length - text.LastIndexOf((byte)'\n') - 1;

    private static string CharsetOf(HeaderSection header, ReadOnlySpan<byte> field) =>
        System.Text.Unicode.Utf8.IsValid(field) ? EncodedWords.Utf8
        : MimeFields.Charset(header) is { Length: > 0 } charset && !charset.Equals(EncodedWords.Utf8, StringComparison.OrdinalIgnoreCase) ? charset
        : UnknownCharset;

    private static bool IsUnstructured(HeaderSection header, HeaderField field) =>
        header.IsNamed(field, "Subject"u8) || header.IsNamed(field, "Comments"u8) || header.IsNamed(field, "Content-Description"u8)
        || header.IsNamed(field, "Organization"u8) || Ascii.EqualsIgnoreCase(header.Octets.Slice(field.Start, Math.Min(2, field.NameLength)), "X-"u8);

    private static bool IsAddressList(HeaderSection header, HeaderField field)
    {
        ReadOnlySpan<byte> name = header.Octets.Slice(field.Start, field.NameLength);
        name = name.Length > 7 && Ascii.EqualsIgnoreCase(name[..7], "Resent-"u8) ? name[7..] : name;
        return Ascii.EqualsIgnoreCase(name, "From"u8) || Ascii.EqualsIgnoreCase(name, "Sender"u8) || Ascii.EqualsIgnoreCase(name, "Reply-To"u8)
            || Ascii.EqualsIgnoreCase(name, "To"u8) || Ascii.EqualsIgnoreCase(name, "Cc"u8);
    }
}
