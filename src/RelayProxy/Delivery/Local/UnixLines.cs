using System.Buffers;

namespace RelayProxy.Delivery.Local;

/// <summary>
/// Turns a message's lines into a Unix file's: LF ends, and, for an mbox, one more <c>&gt;</c> before every line that begins with
/// <c>From </c> after any number of them (mboxrd), so that it can be undone. Works however the octets arrive.
/// </summary>
internal sealed class UnixLines(bool quoteFrom)
{
    private static ReadOnlySpan<byte> From => "From "u8;

    private static readonly SearchValues<byte> s_lineEnds = SearchValues.Create("\r\n"u8);
    private bool _inLine;
    private bool _afterReturn;
    private long _quotes;
    private int _matched;

    public void Write(ReadOnlySpan<byte> content, IBufferWriter<byte> output)
    {
        while (!content.IsEmpty)
        {
            if (_afterReturn)
            {
                _afterReturn = false;
                if (content[0] != '\n')
                {
                    output.Write("\r"u8);
                }
            }

            if (quoteFrom && !_inLine && TakesAtStart(content[0], output))
            {
                content = content[1..];
                continue;
            }

            _inLine = true;
            int end = content.IndexOfAny(s_lineEnds);
            output.Write(end < 0 ? content : content[..end]);
            if (end < 0)
            {
                return;
            }

            if (content[end] == '\n')
            {
                output.Write("\n"u8);
                _inLine = false;
            }
            else
            {
                _afterReturn = true;
            }

            content = content[(end + 1)..];
        }
    }

    /// <summary>Ends the last line, if it has no end of its own.</summary>
    public void Finish(IBufferWriter<byte> output)
    {
        if (!_inLine)
        {
            PutStart(output, isFrom: false);
        }

        if (_afterReturn)
        {
            output.Write("\r"u8);
            _afterReturn = false;
        }

        if (_inLine)
        {
            output.Write("\n"u8);
            _inLine = false;
        }
    }

    /// <summary>Whether the octet belongs to what may yet become <c>&gt;&gt;From </c>. If not, what was kept back is written.</summary>
    private bool TakesAtStart(byte octet, IBufferWriter<byte> output)
    {
        if (_matched == 0 && octet == '>')
        {
            _quotes++;
            return true;
        }

        if (octet == From[_matched])
        {
            _matched++;
            if (_matched == From.Length)
            {
                PutStart(output, isFrom: true);
            }

            return true;
        }

        PutStart(output, isFrom: false);
        return false;
    }

    private void PutStart(IBufferWriter<byte> output, bool isFrom)
    {
        if (_quotes == 0 && _matched == 0)
        {
            return;
        }

        for (long left = _quotes + (isFrom ? 1 : 0); left > 0; left--)
        {
            output.Write(">"u8);
        }

        output.Write(From[.._matched]);
        (_quotes, _matched, _inLine) = (0, 0, true);
    }
}
