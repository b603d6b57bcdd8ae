using System.Buffers;

namespace RelayProxy.Smtp;

/// <summary>What the start of a buffer holds.</summary>
internal enum LineStatus
{
    /// <summary>No line end yet, and the bound is not passed.</summary>
    NeedMore,

    /// <summary>A whole line, ended by CRLF.</summary>
    Line,

    /// <summary>A whole line, ended by an LF without CR.</summary>
    BareLineFeed,

    /// <summary>A CR that no LF follows stands inside the line. The line ends at the next LF.</summary>
    BareCarriageReturn,

    /// <summary>More octets than allowed before the line end, if there is one yet.</summary>
    TooLong,
}

/// <summary>Only CRLF ends a line: a lone CR or LF is reported, never guessed at (RFC 5321 §2.3.8).</summary>
internal static class SmtpLine
{
    private const byte Cr = (byte)'\r';
    private const byte Lf = (byte)'\n';

    /// <summary>Takes one line off the front of the buffer.</summary>
    /// <param name="buffer">Shortened by the line and its end, where there is one; unchanged on <see cref="LineStatus.NeedMore"/>
    /// and <see cref="LineStatus.TooLong"/>.</param>
    /// <param name="maxLength">Octets, not counting the line end.</param>
    /// <param name="line">Without its line end.</param>
    public static LineStatus TryTake(ref ReadOnlySequence<byte> buffer, int maxLength, out ReadOnlySequence<byte> line)
    {
        line = default;

        // Nothing behind the longest line and its CRLF needs to be looked at.
        ReadOnlySequence<byte> window = buffer.Slice(0, Math.Min(buffer.Length, maxLength + 2L));
        if (window.PositionOf(Lf) is not { } lineFeed)
        {
            // One octet over the bound is still in order if it is the CR of the line end.
            long allowed = EndsInCr(window) ? maxLength + 1L : maxLength;
            return window.Length > allowed ? LineStatus.TooLong : LineStatus.NeedMore;
        }

        ReadOnlySequence<byte> head = window.Slice(0, lineFeed);
        ReadOnlySequence<byte> taken = EndsInCr(head) ? head.Slice(0, head.Length - 1) : head;
        if (taken.Length > maxLength)
        {
            return LineStatus.TooLong;
        }

        line = taken;
        buffer = buffer.Slice(buffer.GetPosition(1, lineFeed));
        return (taken.PositionOf(Cr), taken.Length == head.Length) switch
        {
            (not null, _) => LineStatus.BareCarriageReturn,
            (null, true) => LineStatus.BareLineFeed,
            (null, false) => LineStatus.Line,
        };
    }

    /// <summary>Throws away the rest of a line that was too long, as far as it has come.</summary>
    /// <param name="buffer">Shortened by what was thrown away. A CR at its very end is kept, so that the next call still sees
    /// whether its LF follows.</param>
    /// <returns><see cref="LineStatus.Line"/> or <see cref="LineStatus.BareLineFeed"/> by the way it ended, else
    /// <see cref="LineStatus.NeedMore"/>.</returns>
    public static LineStatus Discard(ref ReadOnlySequence<byte> buffer)
    {
        if (buffer.PositionOf(Lf) is not { } lineFeed)
        {
            buffer = buffer.Slice(buffer.Length - (EndsInCr(buffer) ? 1 : 0));
            return LineStatus.NeedMore;
        }

        bool wasCrLf = EndsInCr(buffer.Slice(0, lineFeed));
        buffer = buffer.Slice(buffer.GetPosition(1, lineFeed));
        return wasCrLf ? LineStatus.Line : LineStatus.BareLineFeed;
    }

    private static bool EndsInCr(in ReadOnlySequence<byte> octets) =>
        !octets.IsEmpty && octets.Slice(octets.Length - 1).FirstSpan[0] == Cr;
}
