using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace RelayProxy.Queue.Sqlite;

/// <summary>Builds one of a row's blobs: numbers of variable length (LEB128), strings as UTF-8 behind their length, and at the end a
/// checksum over the message's id and all of it.</summary>
internal ref struct BlobWriter(long id)
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(512);
    private int _length;

    public void Byte(byte value)
    {
        Room(1);
        _buffer[_length++] = value;
    }

    public void Number(ulong value)
    {
        Room(10);
        while (value >= 0x80)
        {
            _buffer[_length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _buffer[_length++] = (byte)value;
    }

    public void UInt32(uint value)
    {
        Room(sizeof(uint));
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.AsSpan(_length), value);
        _length += sizeof(uint);
    }

    public void Time(DateTimeOffset time) => Number((ulong)time.UtcTicks);

    public void Text(string text)
    {
        Number((ulong)Encoding.UTF8.GetByteCount(text));
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Room(most);
        _length += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_length));
    }

    public void OptionalText(string? text)
    {
        Byte(text is null ? (byte)0 : (byte)1);
        if (text is not null)
        {
            Text(text);
        }
    }

    /// <summary>Ends the blob.</summary>
    public byte[] Seal()
    {
        UInt32(Checksum(id, _buffer.AsSpan(0, _length)));
        byte[] blob = _buffer.AsSpan(0, _length).ToArray();
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        return blob;
    }

    /// <summary>With the id in it, a blob that strayed into another message's row does not pass.</summary>
    public static uint Checksum(long id, ReadOnlySpan<byte> octets)
    {
        Span<byte> name = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(name, id);
        return Crc32C.Append(Crc32C.Of(name), octets);
    }

    private void Room(int octets)
    {
        if (_buffer.Length - _length >= octets)
        {
            return;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, _length + octets));
        _buffer.AsSpan(0, _length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
