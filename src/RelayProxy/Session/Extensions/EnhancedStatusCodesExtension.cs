namespace RelayProxy.Session.Extensions;

/// <summary>ENHANCEDSTATUSCODES (RFC 2034): every reply but the greeting and those to HELO and EHLO says x.y.z.</summary>
internal sealed class EnhancedStatusCodesExtension : Extension
{
    protected override string Announce(SessionOptions options) => "ENHANCEDSTATUSCODES";
}
