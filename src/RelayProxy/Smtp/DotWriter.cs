using System.Buffers;

namespace RelayProxy.Smtp;

/// <summary>
/// Puts message content on the wire (RFC 5321 §4.5.2): doubles leading dots, and writes every line end as CRLF whatever the
/// content holds, so that no bare CR or LF ever leaves. <see cref="Finish"/> adds CRLF.CRLF (or .CRLF after a final CRLF).
/// </summary>
internal sealed class DotWriter
{
    public void Write(ReadOnlySpan<byte> content, IBufferWriter<byte> output) => throw new NotImplementedException();

    public void Finish(IBufferWriter<byte> output) => throw new NotImplementedException();
}
