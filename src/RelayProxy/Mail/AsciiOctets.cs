namespace RelayProxy.Mail;

/// <summary>
/// A set of ASCII octets, as grammars give them. Made and asked in no time, by a program that lives for one message too: the runtime's
/// SearchValues are faster over thousands of octets, but must be compiled first, and what is read here has a dozen.
/// </summary>
internal readonly struct AsciiOctets
{
    private readonly ulong _low;
    private readonly ulong _high;

    private AsciiOctets(ulong low, ulong high)
    {
        _low = low;
        _high = high;
    }

    /// <summary>Every ASCII octet but letters, digits and <paramref name="marks"/>.</summary>
    public static AsciiOctets Except(ReadOnlySpan<byte> marks)
    {
        ulong low = 0, high = 0;
        for (byte octet = 0; octet < 128; octet++)
        {
            ulong bit = char.IsAsciiLetterOrDigit((char)octet) || marks.Contains(octet) ? 0 : 1UL << (octet & 63);
            low |= octet < 64 ? bit : 0;
            high |= octet < 64 ? 0 : bit;
        }

        return new AsciiOctets(low, high);
    }

    public bool Contains(byte octet) => octet < 128 && ((octet < 64 ? _low : _high) >> (octet & 63) & 1) != 0;

    /// <summary>Where the first of them stands; negative if none does.</summary>
    public int IndexIn(ReadOnlySpan<byte> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (Contains(text[i]))
            {
                return i;
            }
        }

        return -1;
    }
}
