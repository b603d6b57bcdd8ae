namespace RelayProxy.Mail;

/// <summary>
/// Encodes text whose lines end in CRLF so that it survives any way mail can go (RFC 2045 §6.7): no line has more than 76 octets, none ends in a
/// blank, and none looks like the end of a message or the beginning of another one in a mailbox. Holds where the line stands, and nothing else.
/// </summary>
internal struct QuotedPrintable
{
    /// <summary>Room that is enough for any octet: a soft line break, and three for the octet.</summary>
    public const int MostForOne = 6;

    /// <summary>Without the mark of a soft line break.</summary>
    private const int MaxColumns = 75;

    /// <summary><c>From </c>: as far as one must look to know what becomes of an octet.</summary>
    private const int Lookahead = 5;

    private int _column;

    /// <summary>Encodes as much as there is room for.</summary>
    /// <param name="isRest">Nothing follows. Otherwise the last few octets may be left for the next call.</param>
    /// <returns>How many octets of the text have been dealt with.</returns>
    public int Encode(ReadOnlySpan<byte> text, bool isRest, Span<byte> output, out int written)
    {
        int end = isRest ? text.Length : text.Length - Lookahead + 1;
        int at = 0;
        written = 0;
        while (at < end && output.Length - written >= MostForOne)
        {
            ReadOnlySpan<byte> rest = text[at..];
            if (rest.StartsWith("\r\n"u8))
            {
                Append("\r\n"u8, output, ref written);
                _column = 0;
                at += 2;
                continue;
            }

            bool isPlain = IsPlain(rest);
            if (_column + (isPlain ? 1 : 3) > MaxColumns)
            {
                Append("=\r\n"u8, output, ref written);
                _column = 0;
            }

            byte octet = rest[0];
            if (isPlain && !(_column == 0 && (octet == '.' || rest.StartsWith("From "u8))))
            {
                output[written++] = octet;
                _column++;
            }
            else
            {
                Append([(byte)'=', Hex(octet >> 4), Hex(octet & 15)], output, ref written);
                _column += 3;
            }

            at++;
        }

        return at;
    }

    private static bool IsPlain(ReadOnlySpan<byte> text) => text[0] switch
    {
        (byte)'=' => false,
        (byte)' ' or (byte)'\t' => text.Length > 1 && text[1] != '\r',
        var octet => octet is > 32 and < 127,
    };

    private static void Append(ReadOnlySpan<byte> octets, Span<byte> output, ref int written)
    {
        octets.CopyTo(output[written..]);
        written += octets.Length;
    }

    private static byte Hex(int digit) => "0123456789ABCDEF"u8[digit];
}
