using System.Globalization;
using System.Text;

namespace RelayProxy.Queue.Sqlite;

/// <summary>A number for an address, the same whatever its letters' case: eight octets in an index instead of the text. Two
/// addresses may share one, so what is found by it is compared again.</summary>
internal static class AddressKey
{
    /// <summary>FNV-1a, 64 bits, over the lower-case UTF-8.</summary>
    public static long Of(ReadOnlySpan<char> address)
    {
        ulong hash = 14695981039346656037;
        Span<byte> octets = stackalloc byte[4];
        foreach (Rune rune in address.EnumerateRunes())
        {
            int length = Rune.ToLower(rune, CultureInfo.InvariantCulture).EncodeToUtf8(octets);
            foreach (byte octet in octets[..length])
            {
                hash = (hash ^ octet) * 1099511628211;
            }
        }

        return (long)hash;
    }
}
