using System.Buffers.Binary;
using System.Text;

namespace RelayProxy.Queue.Sqlite;

/// <summary>Reads what <see cref="BlobWriter"/> wrote. Never throws: what is cut short reads as zeros, and
/// <see cref="Failed"/> says so.</summary>
internal ref struct BlobReader
{
    private ReadOnlySpan<byte> _rest;

    private BlobReader(ReadOnlySpan<byte> content) => _rest = content;

    public bool Failed { get; private set; }

    /// <summary>Whether everything has been read. A later version may append; an earlier one ignores it.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>False if the checksum differs.</summary>
    public static bool TryOpen(long id, ReadOnlySpan<byte> blob, out BlobReader reader)
    {
        int length = blob.Length - sizeof(uint);
        if (length < 0 || BinaryPrimitives.ReadUInt32LittleEndian(blob[length..]) != BlobWriter.Checksum(id, blob[..length]))
        {
            reader = default;
            return false;
        }

        reader = new BlobReader(blob[..length]);
        return true;
    }

    public byte Byte()
    {
        ReadOnlySpan<byte> taken = Take(1);
        return taken.IsEmpty ? (byte)0 : taken[0];
    }

    public ulong Number()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte octet = Byte();
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80)
            {
                return value;
            }
        }

        Failed = true;
        return 0;
    }

    /// <summary>A number that must not be larger than an <see cref="int"/>.</summary>
    public int Count()
    {
        ulong value = Number();
        if (value > int.MaxValue)
        {
            Failed = true;
            return 0;
        }

        return (int)value;
    }

    public uint UInt32()
    {
        ReadOnlySpan<byte> taken = Take(sizeof(uint));
        return taken.IsEmpty ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(taken);
    }

    public DateTimeOffset Time()
    {
        ulong ticks = Number();
        if (ticks > (ulong)DateTimeOffset.MaxValue.UtcTicks)
        {
            Failed = true;
            return DateTimeOffset.MinValue;
        }

        return new DateTimeOffset((long)ticks, TimeSpan.Zero);
    }

    public string Text()
    {
        ReadOnlySpan<byte> octets = Take(Count());
        return octets.IsEmpty ? "" : Encoding.UTF8.GetString(octets);
    }

    public string? OptionalText() => Byte() == 0 ? null : Text();

    private ReadOnlySpan<byte> Take(int octets)
    {
        if (octets > _rest.Length)
        {
            Failed = true;
            _rest = default;
            return default;
        }

        ReadOnlySpan<byte> taken = _rest[..octets];
        _rest = _rest[octets..];
        return taken;
    }
}
