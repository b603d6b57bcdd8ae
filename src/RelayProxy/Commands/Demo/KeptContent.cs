using System.Buffers;

namespace RelayProxy.Commands.Demo;

/// <summary>Takes any number of octets, counts them all, and keeps the first so many.</summary>
internal sealed class KeptContent(int maxKeptOctets) : IBufferWriter<byte>
{
    private readonly ArrayBufferWriter<byte> _kept = new();
    private byte[] _passing = [];
    private bool _keeping;

    public long Octets { get; private set; }

    public ReadOnlyMemory<byte> Kept => _kept.WrittenMemory[..Math.Min(_kept.WrittenCount, maxKeptOctets)];

    public void Advance(int count)
    {
        Octets += count;
        if (_keeping)
        {
            _kept.Advance(count);
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        _keeping = _kept.WrittenCount < maxKeptOctets;
        if (_keeping)
        {
            return _kept.GetMemory(sizeHint);
        }

        if (_passing.Length < Math.Max(sizeHint, 1))
        {
            _passing = new byte[Math.Max(sizeHint, 16 * 1024)];
        }

        return _passing;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
