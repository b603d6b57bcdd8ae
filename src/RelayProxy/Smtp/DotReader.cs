using System.Buffers;

namespace RelayProxy.Smtp;

internal enum DotStatus
{
    /// <summary>The content goes on.</summary>
    NeedMore,

    /// <summary>CRLF.CRLF has been taken.</summary>
    End,
}

/// <summary>
/// Takes message content off the wire (RFC 5321 §4.5.2): removes dot-stuffing, ends at CRLF.CRLF and at nothing else, and
/// turns every lone CR or LF into CRLF before it reaches the output, so that what is stored holds neither. Survives any split of
/// its input. A lone CR or LF never takes part in the decision where the content ends.
/// </summary>
internal sealed class DotReader
{
    /// <summary>Reads as far as the input goes.</summary>
    /// <param name="output">Gets the content, CRLF line ends only.</param>
    /// <param name="consumed">Where reading stopped: the end of the input, or just behind the final CRLF.</param>
    public DotStatus Read(ReadOnlySequence<byte> input, IBufferWriter<byte> output, out SequencePosition consumed) =>
        throw new NotImplementedException();

    /// <summary>Whether a lone CR or LF was seen.</summary>
    public bool SawBareNewline => throw new NotImplementedException();

    /// <summary>Makes the reader new.</summary>
    public void Reset() => throw new NotImplementedException();
}
