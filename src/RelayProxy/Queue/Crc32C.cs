using System.Buffers.Binary;
using System.Numerics;

namespace RelayProxy.Queue;

/// <summary>CRC-32C (Castagnoli; RFC 3720 appendix B.4), which processors compute in hardware: tells damage, not malice.</summary>
internal static class Crc32C
{
    public static uint Of(ReadOnlySpan<byte> octets) => Append(0, octets);

    /// <summary>Goes on with a checksum; 0 begins one.</summary>
    public static uint Append(uint checksum, ReadOnlySpan<byte> octets)
    {
        uint crc = ~checksum;
        while (octets.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(octets));
            octets = octets[sizeof(ulong)..];
        }

        foreach (byte octet in octets)
        {
            crc = BitOperations.Crc32C(crc, octet);
        }

        return ~crc;
    }
}
