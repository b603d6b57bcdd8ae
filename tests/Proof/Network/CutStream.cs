using System.Net.Sockets;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Network;

/// <summary>How a connection ends before its time.</summary>
internal enum CutKind
{
    /// <summary>Both sides learn of an end; what was under way to the far side still arrives.</summary>
    Closed,

    /// <summary>RST: what was under way is gone.</summary>
    Reset,

    /// <summary>Half open: nobody learns anything. What is written goes nowhere, and nothing comes.</summary>
    Silent,

    /// <summary>From there on, one octet a minute.</summary>
    Drip,
}

/// <summary>Where a connection is cut: after so many octets in one direction.</summary>
/// <param name="Clock">By which one that drips does.</param>
internal readonly record struct Cut(CutKind Kind, bool Sending, long Octets, TimeProvider? Clock = null)
{
    public static Cut Nowhere { get; } = new(CutKind.Closed, Sending: true, long.MaxValue);
}

/// <summary>The relay's end of a connection that is cut at one octet, and counts them.</summary>
/// <param name="said">Keeps what the relay sends.</param>
internal sealed class CutStream(Stream inner, Cut cut, MemoryStream? said = null) : WireStream
{
    private readonly CancellationTokenSource _cut = new();
    private readonly TaskCompletionSource _fallen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _sent;
    private long _received;

    public long Sent => Interlocked.Read(ref _sent);

    public long Received => Interlocked.Read(ref _received);

    /// <summary>The relay has closed it.</summary>
    public bool IsClosed => _disposed.Task.IsCompleted;

    public bool IsCut => _cut.IsCancellationRequested;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!IsDue(sending: false))
        {
            long room = cut.Sending ? buffer.Length : Math.Min(buffer.Length, cut.Octets - _received);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cut.Token);
            try
            {
                int count = await inner.ReadAsync(buffer[..(int)room], either.Token);
                Interlocked.Add(ref _received, count);
                if (IsDue(sending: false))
                {
                    Fall();
                }

                return count;
            }
            catch (Exception) when (IsCut && !cancellationToken.IsCancellationRequested)
            {
                // That was the cut; what it looks like from here is said below.
            }
        }

        return await EndAsync(buffer, cancellationToken);
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (!IsDue(sending: true))
        {
            int count = (int)(cut.Sending ? Math.Min(buffer.Length, cut.Octets - _sent) : buffer.Length);
            Interlocked.Add(ref _sent, count);
            said?.Write(buffer.Span[..count]);
            if (IsDue(sending: true))
            {
                // Before the far side can answer it.
                _cut.Cancel();
            }

            await inner.WriteAsync(buffer[..count], cancellationToken);
            buffer = buffer[count..];
        }

        if (IsDue(sending: true))
        {
            Fall();
            switch (cut.Kind)
            {
                case CutKind.Closed or CutKind.Reset when buffer.Length > 0:
                    throw new IOException("Broken pipe");
                case CutKind.Drip:
                    for (int i = 0; i < buffer.Length; i++)
                    {
                        await DripAsync(cancellationToken);
                        await inner.WriteAsync(buffer.Slice(i, 1), cancellationToken);
                    }

                    break;
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _disposed.TrySetResult();
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>Once cut, it is cut both ways.</summary>
    private bool IsDue(bool sending) => IsCut || (cut.Sending == sending && (sending ? Sent : Received) >= cut.Octets);

    private void Fall()
    {
        _cut.Cancel();
        if (!_fallen.TrySetResult())
        {
            return;
        }

        switch (cut.Kind)
        {
            case CutKind.Closed:
                inner.Dispose();
                break;
            case CutKind.Reset when inner is MemoryConnection memory:
                memory.Reset();
                break;
            case CutKind.Reset:
                ((NetworkStream)inner).Socket.LingerState = new LingerOption(true, 0);
                inner.Dispose();
                break;
            case CutKind.Silent or CutKind.Drip:
                break;
        }
    }

    private async ValueTask<int> EndAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (!cut.Sending)
        {
            Fall();
        }

        await _fallen.Task.WaitAsync(cancellationToken);
        switch (cut.Kind)
        {
            case CutKind.Closed:
                return 0;
            case CutKind.Reset:
                throw new IOException("Connection reset by peer");
            case CutKind.Drip:
                await DripAsync(cancellationToken);
                return await inner.ReadAsync(buffer[..Math.Min(1, buffer.Length)], cancellationToken);
            default:
                await _disposed.Task.WaitAsync(cancellationToken);
                return 0;
        }
    }

    private Task DripAsync(CancellationToken cancellationToken) => Task.Delay(TimeSpan.FromMinutes(1), cut.Clock!, cancellationToken);
}
