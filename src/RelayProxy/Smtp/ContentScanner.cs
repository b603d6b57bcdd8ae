using RelayProxy.Mail;

namespace RelayProxy.Smtp;

/// <summary>Sees what a message holds while it streams past (8-bit octets, NUL, lines over 998 octets, UTF-8 in the header
/// section, where the header section ends, whether the last line is ended).</summary>
internal sealed class ContentScanner
{
    public void Scan(ReadOnlySpan<byte> content) => throw new NotImplementedException();

    public ContentTraits Traits => throw new NotImplementedException();

    /// <summary>The content so far ends in CRLF, or is empty.</summary>
    public bool EndsInCrLf => throw new NotImplementedException();
}
