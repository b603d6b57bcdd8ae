using System.IO.Pipelines;

namespace RelayProxy.Harness.Transcripts;

/// <summary>Two ends of a connection that never leaves the process. What one end flushes, the other reads at once, on the same thread, so
/// that a test that says one octet at a time is heard one octet at a time.</summary>
internal sealed class MemoryStreamPair
{
    /// <param name="windowOctets">What fits between the two ends before a writer has to wait; 0: any number.</param>
    public MemoryStreamPair(int windowOctets = 0)
    {
        var options = new PipeOptions(
            readerScheduler: PipeScheduler.Inline,
            writerScheduler: PipeScheduler.Inline,
            useSynchronizationContext: false,
            pauseWriterThreshold: windowOctets,
            resumeWriterThreshold: windowOctets / 2);
        var there = new Pipe(options);
        var back = new Pipe(options);
        Near = new End(back.Reader, there.Writer);
        Far = new End(there.Reader, back.Writer);
    }

    public IDuplexPipe Near { get; }

    public IDuplexPipe Far { get; }

    /// <summary>An end as a stream.</summary>
    public static Stream AsStream(IDuplexPipe end) => new DuplexStream(end.Input, end.Output);

    private sealed record End(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class DuplexStream(PipeReader input, PipeWriter output) : Stream
    {
        private readonly Stream _read = input.AsStream();
        private readonly Stream _write = output.AsStream();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Flush() => _write.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => _write.FlushAsync(cancellationToken);

        public override int Read(byte[] buffer, int offset, int count) => _read.Read(buffer, offset, count);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            _read.ReadAsync(buffer, cancellationToken);

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            _read.ReadAsync(buffer, offset, count, cancellationToken);

        public override void Write(byte[] buffer, int offset, int count) => _write.Write(buffer, offset, count);

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            _write.WriteAsync(buffer, cancellationToken);

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            _write.WriteAsync(buffer, offset, count, cancellationToken);

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                input.Complete();
                output.Complete();
            }

            base.Dispose(disposing);
        }
    }
}
