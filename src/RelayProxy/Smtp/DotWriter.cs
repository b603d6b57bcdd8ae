using System.Buffers;

namespace RelayProxy.Smtp;

/// <summary>
/// Puts message content on the wire (RFC 5321 §4.5.2): doubles leading dots, and writes every line end as CRLF whatever the
/// content holds, so that no bare CR or LF ever leaves. <see cref="Finish"/> adds CRLF.CRLF (or .CRLF after a final CRLF).
/// Survives any split of its input.
/// </summary>
internal sealed class DotWriter
{
    private State _state = State.LineStart;

    private enum State
    {
        /// <summary>A CRLF was the last thing written, or nothing was: a dot must be doubled.</summary>
        LineStart,

        Text,

        /// <summary>A CR was read and is still held back: an LF may follow it.</summary>
        Cr,
    }

    public void Write(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        while (!content.IsEmpty)
        {
            if (_state == State.Cr)
            {
                EndLine(output);
                content = content[(content[0] == '\n' ? 1 : 0)..];
                continue;
            }

            if (_state == State.LineStart && content[0] == '.')
            {
                output.Write(".."u8);
                _state = State.Text;
                content = content[1..];
                continue;
            }

            int length = PlainRun.Length(content);
            if (length > 0)
            {
                output.Write(content[..length]);
                _state = content[length - 1] == '\n' ? State.LineStart : State.Text;
                content = content[length..];
            }
            else if (content[0] == '\r')
            {
                _state = State.Cr;
                content = content[1..];
            }
            else
            {
                EndLine(output);
                content = content[1..];
            }
        }
    }

    /// <summary>Ends the last line where it is not ended, and the content with a dot; the writer is then new.</summary>
    public void Finish(IBufferWriter<byte> output)
    {
        if (_state != State.LineStart)
        {
            EndLine(output);
        }

        output.Write(".\r\n"u8);
    }

    private void EndLine(IBufferWriter<byte> output)
    {
        output.Write("\r\n"u8);
        _state = State.LineStart;
    }
}
