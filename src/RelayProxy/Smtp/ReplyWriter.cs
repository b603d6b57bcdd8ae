using System.Buffers;
using System.Globalization;
using System.Text;

namespace RelayProxy.Smtp;

/// <summary>
/// A reply as it goes over the wire: the code on each line, behind it the enhanced status code where the reply has one (RFC 2034
/// §4), nothing but HT, SP and printable characters, and no line of more than 512 octets (RFC 5321 §4.2, §4.5.3.1.5).
/// </summary>
internal static class ReplyWriter
{
    /// <summary>With its CRLF.</summary>
    private const int MaxLineOctets = 512;

    /// <param name="allowUtf8">The client asked for SMTPUTF8 (RFC 6531 §3.7.4); otherwise what is not ASCII becomes <c>?</c>.</param>
    public static void Write(SmtpReply reply, IBufferWriter<byte> output, bool allowUtf8)
    {
        ReadOnlySpan<char> text = reply.Text;
        bool last;
        do
        {
            int lineFeed = text.IndexOf('\n');
            ReadOnlySpan<char> line = lineFeed < 0 ? text : text[..lineFeed];

            Span<byte> wire = output.GetSpan(MaxLineOctets);
            int length = WriteCodes(reply, wire);
            int fitting = LengthOfFitting(line, MaxLineOctets - length - 2, allowUtf8);
            bool folded = fitting < line.Length;
            last = !folded && lineFeed < 0;

            wire[3] = (byte)(last ? ' ' : '-');
            length += Encode(line[..fitting], wire[length..], allowUtf8);

            // A blank at the end of a line says nothing, and looks like an oversight.
            length -= length > 3 && wire[length - 1] == ' ' ? 1 : 0;
            "\r\n"u8.CopyTo(wire[length..]);
            output.Advance(length + 2);

            text = folded ? text[fitting..].TrimStart(' ') : text[(lineFeed + 1)..];
        }
        while (!last);
    }

    /// <returns>How many octets were written, the blanks behind the codes included.</returns>
    private static int WriteCodes(SmtpReply reply, Span<byte> wire)
    {
        reply.Code.TryFormat(wire, out int length, default, CultureInfo.InvariantCulture);
        wire[length++] = (byte)' ';
        if (reply.Status is { } status)
        {
            wire[length++] = wire[0];
            wire[length++] = (byte)'.';
            status.Subject.TryFormat(wire[length..], out int digits, default, CultureInfo.InvariantCulture);
            length += digits;
            wire[length++] = (byte)'.';
            status.Detail.TryFormat(wire[length..], out digits, default, CultureInfo.InvariantCulture);
            length += digits;
            wire[length++] = (byte)' ';
        }

        return length;
    }

    /// <summary>How many characters of <paramref name="line"/> fit; where not all do, up to the last blank among them.</summary>
    private static int LengthOfFitting(ReadOnlySpan<char> line, int octets, bool allowUtf8)
    {
        int fitting = 0;
        foreach (Rune rune in line.EnumerateRunes())
        {
            octets -= allowUtf8 ? rune.Utf8SequenceLength : rune.Utf16SequenceLength;
            if (octets < 0)
            {
                int blank = line[..fitting].LastIndexOf(' ');
                return blank > 0 ? blank : fitting;
            }

            fitting += rune.Utf16SequenceLength;
        }

        return line.Length;
    }

    private static int Encode(ReadOnlySpan<char> text, Span<byte> wire, bool allowUtf8)
    {
        int length = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is (>= ' ' and <= '~') or '\t')
            {
                wire[length++] = (byte)rune.Value;
            }
            else if (allowUtf8 && rune.Value > 0x9f)
            {
                length += rune.EncodeToUtf8(wire[length..]);
            }
            else
            {
                wire[length++] = (byte)'?';
            }
        }

        return length;
    }
}
