using System.Buffers;

namespace RelayProxy.Smtp;

/// <summary>
/// Puts content into the form in which it is stored: every line end, CR, LF or CRLF, becomes CRLF. For content whose end is known
/// by other means than a dot: BDAT, and mail from inside. Survives any split of its input.
/// </summary>
internal sealed class CrLfWriter
{
    private bool _afterCr;
    private bool _atLineStart = true;

    /// <summary>Whether a lone CR or LF was seen.</summary>
    public bool SawBareNewline { get; private set; }

    public void Write(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        while (!content.IsEmpty)
        {
            if (_afterCr)
            {
                bool pair = content[0] == '\n';
                content = content[(pair ? 1 : 0)..];
                EndLine(output, bare: !pair);
                continue;
            }

            int length = PlainRun.Length(content);
            if (length > 0)
            {
                output.Write(content[..length]);
                _atLineStart = content[length - 1] == '\n';
                content = content[length..];
                continue;
            }

            _afterCr = content[0] == '\r';
            content = content[1..];
            if (!_afterCr)
            {
                EndLine(output, bare: true);
            }
        }
    }

    /// <summary>Ends the last line where it is not ended; the writer is then new.</summary>
    public void Finish(IBufferWriter<byte> output)
    {
        if (_afterCr)
        {
            EndLine(output, bare: true);
        }
        else if (!_atLineStart)
        {
            output.Write("\r\n"u8);
        }

        _atLineStart = true;
    }

    private void EndLine(IBufferWriter<byte> output, bool bare)
    {
        SawBareNewline |= bare;
        output.Write("\r\n"u8);
        _afterCr = false;
        _atLineStart = true;
    }
}
