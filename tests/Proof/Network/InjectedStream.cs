using RelayProxy.Harness;

namespace RelayProxy.Proof.Network;

/// <summary>How what somebody puts in between arrives.</summary>
internal enum Arrival
{
    /// <summary>In one piece with what is around it.</summary>
    Together,

    /// <summary>In a piece of its own.</summary>
    Apart,

    /// <summary>Octet by octet, as does what is around it.</summary>
    OctetByOctet,
}

/// <summary>The relay's end of a connection on which somebody sits in between: behind so many octets from the smarthost he says something of his own.</summary>
/// <param name="said">Keeps what the relay sends.</param>
internal sealed class InjectedStream(Stream inner, long behind, byte[] injected, Arrival arrival, MemoryStream said) : WireStream
{
    private readonly byte[] _input = new byte[16 * 1024];
    private readonly Queue<ReadOnlyMemory<byte>> _pieces = new();
    private long _received;
    private bool _isDone;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_pieces.Count == 0)
        {
            int count = await inner.ReadAsync(_input.AsMemory(0, (int)Math.Min(_input.Length, Math.Max(buffer.Length, 1))), cancellationToken);
            if (count == 0)
            {
                return 0;
            }

            Cut(_input[..count]);
        }

        ReadOnlyMemory<byte> piece = _pieces.Peek();
        int length = Math.Min(piece.Length, buffer.Length);
        piece[..length].CopyTo(buffer);
        _ = _pieces.Dequeue();
        if (length < piece.Length)
        {
            ReadOnlyMemory<byte>[] others = [.. _pieces];
            _pieces.Clear();
            _pieces.Enqueue(piece[length..]);
            Array.ForEach(others, _pieces.Enqueue);
        }

        return length;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        said.Write(buffer.Span);
        return inner.WriteAsync(buffer, cancellationToken);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Cut(byte[] came)
    {
        long at = behind - _received;
        _received += came.Length;
        if (_isDone || at > came.Length)
        {
            _pieces.Enqueue(came);
            return;
        }

        _isDone = true;
        byte[][] pieces = [came[..(int)at], injected, came[(int)at..]];
        pieces = arrival switch
        {
            Arrival.Together => [[.. pieces.SelectMany(piece => piece)]],
            Arrival.Apart => pieces,
            Arrival.OctetByOctet => [.. pieces.SelectMany(piece => piece).Select(octet => (byte[])[octet])],
        };
        foreach (byte[] piece in pieces.Where(piece => piece.Length > 0))
        {
            _pieces.Enqueue(piece);
        }
    }
}
