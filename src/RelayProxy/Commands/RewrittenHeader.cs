using RelayProxy.Intake;
using RelayProxy.Mail;

namespace RelayProxy.Commands;

/// <summary>The header section of a message on file, with CRLF line ends, as intake would see it.</summary>
internal sealed record RewrittenHeader(ReadOnlyMemory<byte> Octets, HeaderBlock Block, bool IsTooLong)
{
    public static async Task<RewrittenHeader> ReadAsync(Stream content, int maxOctets, CancellationToken cancellationToken)
    {
        var raw = new byte[maxOctets + 1];
        int read = await content.ReadAtLeastAsync(raw, raw.Length, throwOnEndOfStream: false, cancellationToken);
        var octets = new byte[(2 * read) + 1];
        int length = LineEnds.Mend(raw.AsSpan(0, read), afterCarriageReturn: false, octets);
        bool isAll = read < raw.Length;
        if (isAll && length > 0 && octets[length - 1] != '\n')
        {
            octets[length++] = (byte)'\n';
        }

        var block = new HeaderBlock();
        HeaderStatus status = block.Read(octets.AsSpan(0, length), isAll);
        return new RewrittenHeader(octets.AsMemory(0, length), block, status == HeaderStatus.NeedMore);
    }
}
