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
/// its input.
/// <para>
/// A lone CR or LF never takes part in the decision where the content ends, nor in unstuffing: a line begins behind a CRLF that
/// was on the wire (and at the very start, behind the CRLF of DATA), not behind one that was put in here. So the dots of
/// <c>LF.LF</c>, <c>LF.CRLF</c>, <c>CR.CRLF</c> stay as they are, and <see cref="DotWriter"/> doubles them on the way out.
/// </para>
/// </summary>
internal sealed class DotReader
{
    private State _state = State.LineStart;

    private enum State
    {
        /// <summary>Behind a CRLF, or at the start.</summary>
        LineStart,

        /// <summary>In a line, or behind a lone CR or LF.</summary>
        Text,

        /// <summary>Behind a CR that has not been put out: is it half of a CRLF?</summary>
        Cr,

        /// <summary>Behind a dot at a line start, which has not been put out and won't be: it was stuffed, or it is the end.</summary>
        Dot,

        /// <summary>Behind such a dot and a CR, neither of which has been put out.</summary>
        DotCr,

        /// <summary>Behind CRLF.CRLF.</summary>
        End,
    }

    /// <summary>Whether a lone CR or LF was seen.</summary>
    public bool SawBareNewline { get; private set; }

    /// <summary>Reads as far as the input goes.</summary>
    /// <param name="output">Gets the content, CRLF line ends only.</param>
    /// <param name="consumed">Where reading stopped: the end of the input, or just behind the final CRLF.</param>
    public DotStatus Read(ReadOnlySequence<byte> input, IBufferWriter<byte> output, out SequencePosition consumed)
    {
        long read = 0;
        foreach (ReadOnlyMemory<byte> segment in input)
        {
            read += Read(segment.Span, output);
            if (_state == State.End)
            {
                consumed = input.GetPosition(read);
                return DotStatus.End;
            }
        }

        consumed = input.End;
        return _state == State.End ? DotStatus.End : DotStatus.NeedMore;
    }

    /// <summary>Makes the reader new.</summary>
    public void Reset()
    {
        _state = State.LineStart;
        SawBareNewline = false;
    }

    /// <returns>How many octets were read: all, or up to and with the end.</returns>
    private int Read(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        int at = 0;
        while (at < input.Length && _state != State.End)
        {
            if (_state is State.Text || (_state is State.LineStart && input[at] != '.'))
            {
                at += CopyText(input[at..], output);
                continue;
            }

            _state = Step(input[at], output);
            at++;
        }

        return at;
    }

    /// <summary>Copies in one go what goes out as it came in, or takes one step if there is nothing of that kind.</summary>
    private int CopyText(ReadOnlySpan<byte> input, IBufferWriter<byte> output)
    {
        int length = PlainRun.Length(input);
        if (length == 0)
        {
            _state = Step(input[0], output);
            return 1;
        }

        output.Write(input[..length]);
        _state = input[length - 1] == '\n' ? State.LineStart : State.Text;
        return length;
    }

    private State Step(byte octet, IBufferWriter<byte> output)
    {
        switch (_state, octet)
        {
            case (State.LineStart, (byte)'.'):
                return State.Dot;
            case (State.Dot, (byte)'\r'):
                return State.DotCr;
            case (State.DotCr, (byte)'\n'):
                return State.End;
            case (State.Cr, (byte)'\n'):
                output.Write("\r\n"u8);
                return State.LineStart;
        }

        // Whatever was held back is not what it might have been: a lone CR.
        if (_state is State.Cr or State.DotCr)
        {
            PutBareNewline(output);
        }

        switch (octet)
        {
            case (byte)'\r':
                return State.Cr;
            case (byte)'\n':
                PutBareNewline(output);
                return State.Text;
            default:
                output.Write([octet]);
                return State.Text;
        }
    }

    private void PutBareNewline(IBufferWriter<byte> output)
    {
        SawBareNewline = true;
        output.Write("\r\n"u8);
    }
}
