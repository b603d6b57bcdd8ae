using System.Globalization;
using System.Text;

namespace RelayProxy.Queue.Sqlite;

/// <summary>A number for an address, the same whatever its letters' case: eight octets in an index instead of the text. Two
/// addresses may share one, so what is found by it is compared again.</summary>
internal static class AddressKey
{
    private const ulong Prime = 1099511628211;

    /// <summary>FNV-1a, 64 bits, over the lower-case UTF-8. Lower case of the upper case: letters that are compared as the same (µ, the
    /// sign, and μ, the letter) may have two lower cases.</summary>
    public static long Of(ReadOnlySpan<char> address)
    {
        ulong hash = 14695981039346656037;
        Span<byte> octets = stackalloc byte[4];
        foreach (Rune rune in address.EnumerateRunes())
        {
            if (rune.IsAscii)
            {
                hash = (hash ^ (byte)char.ToLowerInvariant((char)rune.Value)) * Prime;
                continue;
            }

            int length = Rune.ToLower(Rune.ToUpper(rune, CultureInfo.InvariantCulture), CultureInfo.InvariantCulture).EncodeToUtf8(octets);
            foreach (byte octet in octets[..length])
            {
                hash = (hash ^ octet) * Prime;
            }
        }

        return (long)hash;
    }
}
