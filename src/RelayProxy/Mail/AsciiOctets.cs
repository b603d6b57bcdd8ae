using System.Buffers;

namespace RelayProxy.Mail;

/// <summary>Sets of octets as grammars give them. They are made when a parser is first used, so they are made fast: by a program that lives for
/// one message too.</summary>
internal static class AsciiOctets
{
    /// <summary>Every ASCII octet but letters, digits and <paramref name="marks"/>.</summary>
    public static SearchValues<byte> Except(ReadOnlySpan<byte> marks)
    {
        Span<byte> others = stackalloc byte[128];
        int count = 0;
        for (byte octet = 0; octet < 128; octet++)
        {
            if (!char.IsAsciiLetterOrDigit((char)octet) && !marks.Contains(octet))
            {
                others[count++] = octet;
            }
        }

        return SearchValues.Create(others[..count]);
    }
}
