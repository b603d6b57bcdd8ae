using System.Runtime.InteropServices;

namespace RelayProxy.Commands;

/// <summary>
/// Where commands print, which notices when nobody reads any more (<c>queue list | head</c>). The runtime ignores SIGPIPE and its console
/// writes on into the void: a queue of a million messages would be listed to its end for nobody.
/// </summary>
/// <param name="inner">Writes the octets.</param>
/// <param name="descriptor">Where to.</param>
internal sealed partial class StandardOutput(Stream inner, int descriptor) : Stream
{
    // poll(2), which sets these unasked.
    private const short PollError = 0x08;
    private const short PollHangUp = 0x10;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <exception cref="ReaderGoneException"/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        var asked = new PollDescriptor { Descriptor = descriptor };
        if (Poll(ref asked, 1, 0) > 0 && (asked.Seen & (PollError | PollHangUp)) != 0)
        {
            throw new ReaderGoneException();
        }

        inner.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush() => inner.Flush();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(ref PollDescriptor descriptors, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollDescriptor
    {
        public int Descriptor;
        public short Wanted;
        public short Seen;
    }
}

/// <summary>Whoever read the output has had enough: no trouble, only the end.</summary>
internal sealed class ReaderGoneException() : IOException("Nobody reads the output any more.");
