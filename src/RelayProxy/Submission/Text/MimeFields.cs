using System.Buffers;
using RelayProxy.Mail;

namespace RelayProxy.Submission.Text;

/// <summary>The fields that say how a body is to be read (RFC 2045): what they say, and what they lack.</summary>
internal static class MimeFields
{
    /// <summary>RFC 2978 §2.3.</summary>
    private const int MaxCharsetOctets = 40;

    private static readonly AsciiOctets s_notCharset = AsciiOctets.Except("!#$%&'+-^_`{}~"u8);

    public static ReadOnlySpan<byte> Version => "MIME-Version"u8;

    public static ReadOnlySpan<byte> Type => "Content-Type"u8;

    public static ReadOnlySpan<byte> TransferEncoding => "Content-Transfer-Encoding"u8;

    /// <summary>Nothing says that the body is anything but text in one part, and as it is.</summary>
    public static bool AreOfPlainText(HeaderSection header)
    {
        int types = 0;
        int encodings = 0;
        foreach (HeaderField field in header.Fields)
        {
            ReadOnlySpan<byte> value = header.Octets[field.ValueStart..field.End];
            if (header.IsNamed(field, Type))
            {
                // Of two, who knows which counts.
                if (types++ > 0 || !IsText(value))
                {
                    return false;
                }
            }
            else if (header.IsNamed(field, TransferEncoding) && (encodings++ > 0 || !IsIdentity(value)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>What a body that is encoded here needs, or one with octets above 127 that nobody has declared.</summary>
    public static void Write(IBufferWriter<byte> output, HeaderSection header, BodyText body, bool encode)
    {
        bool hasVersion = header.Find(Version) is not null;
        bool isUndeclared = body.IsEightBit && !hasVersion;
        if (!encode && !isUndeclared)
        {
            return;
        }

        if (!hasVersion)
        {
            output.Write("MIME-Version: 1.0\r\n"u8);
        }

        if (body.IsEightBit && header.Find(Type) is null)
        {
            // RFC 1428 §3 has the second for octets that nobody can name.
            output.Write(body.IsUtf8 ? "Content-Type: text/plain; charset=utf-8\r\n"u8 : "Content-Type: text/plain; charset=unknown-8bit\r\n"u8);
        }

        if (encode)
        {
            output.Write("Content-Transfer-Encoding: quoted-printable\r\n"u8);
        }
        else if (header.Find(TransferEncoding) is null)
        {
            output.Write("Content-Transfer-Encoding: 8bit\r\n"u8);
        }
    }

    /// <summary>What the body is said to be written in; empty if it is not said.</summary>
    public static string Charset(HeaderSection header)
    {
        ReadOnlySpan<byte> parameter = "charset="u8;
        ReadOnlySpan<byte> value = header.Find(Type) is { } field ? header.Octets[field.ValueStart..field.End] : [];
        var tokens = new HeaderTokens(value);
        for (tokens.Next(); tokens.Kind is not (HeaderTokenKind.End or HeaderTokenKind.Unended); tokens.Next())
        {
            ReadOnlySpan<byte> token = value[tokens.Start..tokens.End];
            if (token.Length < parameter.Length || !System.Text.Ascii.EqualsIgnoreCase(token[..parameter.Length], parameter))
            {
                continue;
            }

            if (token.Length == parameter.Length)
            {
                tokens.Next();
                token = tokens.Kind == HeaderTokenKind.Quoted ? value[(tokens.Start + 1)..(tokens.End - 1)] : [];
            }
            else
            {
                token = token[parameter.Length..];
            }

            return token.Length <= MaxCharsetOctets && s_notCharset.IndexIn(token) < 0 ? System.Text.Encoding.ASCII.GetString(token) : "";
        }

        return "";
    }

    /// <summary><c>text/…</c></summary>
    private static bool IsText(ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> word = FirstWord(value, out _);
        return word.Length > 5 && System.Text.Ascii.EqualsIgnoreCase(word[..5], "text/"u8);
    }

    private static bool IsIdentity(ReadOnlySpan<byte> value)
    {
        ReadOnlySpan<byte> word = FirstWord(value, out bool isAll);
        return isAll && (System.Text.Ascii.EqualsIgnoreCase(word, "7bit"u8) || System.Text.Ascii.EqualsIgnoreCase(word, "8bit"u8));
    }

    private static ReadOnlySpan<byte> FirstWord(ReadOnlySpan<byte> value, out bool isAll)
    {
        var tokens = new HeaderTokens(value);
        tokens.Next();
        ReadOnlySpan<byte> word = tokens.Kind == HeaderTokenKind.Atom ? value[tokens.Start..tokens.End] : [];
        tokens.Next();
        isAll = tokens.Kind == HeaderTokenKind.End;
        return word;
    }
}
