using System.IO.Pipelines;

namespace RelayProxy.Harness;

/// <summary>
/// The two ends of one connection, in memory. What is written at one end is read at the other; a writer waits when the far end has
/// not read for a window's worth of octets, as over TCP.
/// </summary>
internal sealed class StreamPair
{
    private StreamPair(int windowOctets)
    {
        // No synchronization context and no inline continuations: a test that writes must not run the far side's code on its stack.
        var options = new PipeOptions(
            pauseWriterThreshold: windowOctets, resumeWriterThreshold: windowOctets / 2, useSynchronizationContext: false);
        var there = new Pipe(options);
        var back = new Pipe(options);
        Near = new MemoryConnection(back.Reader, there.Writer);
        Far = new MemoryConnection(there.Reader, back.Writer);
    }

    public MemoryConnection Near { get; }

    public MemoryConnection Far { get; }

    /// <param name="windowOctets">How much may be under way in one direction before the writer has to wait.</param>
    public static StreamPair Create(int windowOctets = 256 * 1024) => new(windowOctets);
}

/// <summary>One end of a <see cref="StreamPair"/>.</summary>
internal sealed class MemoryConnection(PipeReader input, PipeWriter output) : WireStream
{
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _closed;

    /// <summary>Ends when a write here has had to wait for the far end to read.</summary>
    public Task Stalled => _stalled.Task;

    /// <summary>Whether this end has been closed, by <see cref="Stream.Dispose()"/> or <see cref="Reset"/>.</summary>
    public bool IsClosed => Volatile.Read(ref _closed) != 0;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        ReadResult result = await input.ReadAsync(cancellationToken);
        int count = (int)Math.Min(buffer.Length, result.Buffer.Length);
        System.Buffers.BuffersExtensions.CopyTo(result.Buffer.Slice(0, count), buffer.Span);
        input.AdvanceTo(result.Buffer.GetPosition(count));
        return count;
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        ValueTask<FlushResult> write = output.WriteAsync(buffer, cancellationToken);
        if (!write.IsCompleted)
        {
            _stalled.TrySetResult();
        }

        if ((await write).IsCompleted)
        {
            throw new IOException("Broken pipe: the far end has closed.");
        }
    }

    /// <summary>Ends the connection as RST does: what the far end has not read yet is gone.</summary>
    public void Reset()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
        {
            output.Complete(new IOException("Connection reset by peer."));
            input.CancelPendingRead();
            input.Complete(new IOException("Connection reset by peer."));
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && Interlocked.Exchange(ref _closed, 1) == 0)
        {
            output.Complete();
            input.CancelPendingRead();
            input.Complete();
        }

        base.Dispose(disposing);
    }
}
