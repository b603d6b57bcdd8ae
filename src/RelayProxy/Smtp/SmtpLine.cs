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

    /// <summary>More octets than allowed and no line end among them.</summary>
    TooLong,
}

/// <summary>Only CRLF ends a line: a lone CR or LF is reported, never guessed at (RFC 5321 §2.3.8).</summary>
internal static class SmtpLine
{
    /// <summary>Takes one line off the front of the buffer.</summary>
    /// <param name="buffer">Shortened by the line and its end, where there is one; unchanged on <see cref="LineStatus.NeedMore"/>
    /// and <see cref="LineStatus.TooLong"/>.</param>
    /// <param name="maxLength">Octets, not counting the line end.</param>
    /// <param name="line">Without its line end.</param>
    public static LineStatus TryTake(ref ReadOnlySequence<byte> buffer, int maxLength, out ReadOnlySequence<byte> line) =>
        throw new NotImplementedException();
}
