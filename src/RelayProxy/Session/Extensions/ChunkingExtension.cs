namespace RelayProxy.Session.Extensions;

/// <summary>CHUNKING (RFC 3030): BDAT, which counts octets where DATA looks for a dot. Without BINARYMIME: lines still end with
/// CRLF.</summary>
internal sealed class ChunkingExtension : Extension
{
    protected override string Announce(SessionOptions options) => "CHUNKING";
}
