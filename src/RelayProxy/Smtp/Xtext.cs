using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace RelayProxy.Smtp;

/// <summary>
/// The encoding of RFC 3461 §4: printable ASCII as it is, all else (and <c>+</c>, <c>=</c>) as <c>+HH</c>, upper case. What lies
/// beyond ASCII is encoded as the octets of its UTF-8.
/// </summary>
internal static class Xtext
{
    public static string Encode(ReadOnlySpan<char> text)
    {
        var xtext = new StringBuilder(text.Length);
        Span<byte> utf8 = stackalloc byte[4];
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is > 32 and < 127 and not '+' and not '=')
            {
                xtext.Append((char)rune.Value);
                continue;
            }

            foreach (byte octet in utf8[..rune.EncodeToUtf8(utf8)])
            {
                xtext.Append('+').Append(HexDigit(octet >> 4)).Append(HexDigit(octet & 15));
            }
        }

        return xtext.ToString();
    }

    /// <summary>False for what is not xtext, and for encoded control characters: nothing that ends a line may come out of an
    /// argument that did not look like one.</summary>
    public static bool TryDecode(ReadOnlySpan<char> xtext, out string text)
    {
        text = "";
        byte[] octets = ArrayPool<byte>.Shared.Rent(xtext.Length);
        try
        {
            int count = 0;
            for (int i = 0; i < xtext.Length; i++)
            {
                char letter = xtext[i];
                if (letter is <= (char)32 or >= (char)127 or '=')
                {
                    return false;
                }

                if (letter != '+')
                {
                    octets[count++] = (byte)letter;
                    continue;
                }

                if (i + 2 >= xtext.Length || !TryHexDigit(xtext[i + 1], out int high) || !TryHexDigit(xtext[i + 2], out int low))
                {
                    return false;
                }

                octets[count++] = (byte)((high << 4) | low);
                i += 2;
            }

            if (!Utf8.IsValid(octets.AsSpan(0, count)))
            {
                return false;
            }

            string decoded = Encoding.UTF8.GetString(octets, 0, count);
            if (decoded.AsSpan().ContainsAnyInRange('\0', '\x1f') || decoded.AsSpan().ContainsAnyInRange('\x7f', '\u009f'))
            {
                return false;
            }

            text = decoded;
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(octets);
        }
    }

    private static char HexDigit(int value) => "0123456789ABCDEF"[value];

    /// <summary>Lower case is not xtext (RFC 3461 §4).</summary>
    private static bool TryHexDigit(char letter, out int value)
    {
        value = letter switch
        {
            >= '0' and <= '9' => letter - '0',
            >= 'A' and <= 'F' => letter - 'A' + 10,
            _ => -1,
        };
        return value >= 0;
    }
}
