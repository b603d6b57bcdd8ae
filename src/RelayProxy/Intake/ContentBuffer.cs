using System.Buffers;

namespace RelayProxy.Intake;

/// <summary>Where content gathers before it moves on: one pooled piece of memory that grows as far as its user lets it.</summary>
internal sealed class ContentBuffer : IDisposable
{
    /// <summary>What it begins with: most messages never need more.</summary>
    public const int UsualOctets = 32 * 1024;

    private byte[] _octets = [];

    /// <summary>Up to here the line ends are known to be good.</summary>
    private int _checked;

    /// <summary>The last octet that was checked; it may have moved on. A message begins at the start of a line.</summary>
    private byte _lastOctet = (byte)'\n';

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _octets.AsMemory(0, Length);

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _octets.Length - Length);
        Length += count;
    }

    public Memory<byte> Room(int octets)
    {
        if (_octets.Length - Length < octets)
        {
            byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(UsualOctets, Math.Max(2 * _octets.Length, Length + octets)));
            Replace(larger, Length);
        }

        return _octets.AsMemory(Length);
    }

    /// <summary>Makes every lone CR or LF a CRLF. A CR that stands last waits for what comes next.</summary>
    public void MendLineEnds()
    {
        ReadOnlySpan<byte> fresh = _octets.AsSpan(_checked, Length - _checked);
        if (fresh.IsEmpty)
        {
            return;
        }

        byte last = fresh[^1];
        if (LineEnds.AnyLone(fresh, _lastOctet == '\r'))
        {
            byte[] mended = ArrayPool<byte>.Shared.Rent(_checked + (2 * fresh.Length) + 1);
            Length = _checked + LineEnds.Mend(fresh, _lastOctet == '\r', mended.AsSpan(_checked));
            Replace(mended, _checked);
        }

        _checked = Length;
        _lastOctet = last;
    }

    /// <summary>Ends the last line if it is not ended: over BDAT it may lack its end.</summary>
    public void EndLastLine()
    {
        MendLineEnds();
        ReadOnlySpan<byte> missing = _lastOctet switch
        {
            (byte)'\n' => [],
            (byte)'\r' => "\n"u8,
            _ => "\r\n"u8,
        };
        missing.CopyTo(Room(missing.Length).Span);
        Length += missing.Length;
    }

    /// <summary>What was written has moved on.</summary>
    public void Clear() => Length = _checked = 0;

    public void Dispose()
    {
        Clear();
        Replace([], 0);
    }

    private void Replace(byte[] octets, int keep)
    {
        byte[] old = _octets;
        old.AsSpan(0, keep).CopyTo(octets);
        _octets = octets;
        if (old.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(old);
        }
    }
}
