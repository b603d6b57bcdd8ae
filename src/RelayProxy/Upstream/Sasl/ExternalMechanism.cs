using System.Text;

namespace RelayProxy.Upstream.Sasl;

/// <summary>EXTERNAL (RFC 4422 appendix A): the client certificate of the TLS handshake says who we are; the user name, where one is
/// set, says on whose behalf.</summary>
internal sealed class ExternalMechanism(SaslCredentials credentials) : SaslMechanism
{
    public override string Name => "EXTERNAL";

    public static string? Lacks(SaslCredentials credentials) =>
        credentials is { HasClientCertificate: true, IsEncrypted: true } ? null : "needs Smarthost:ClientCertificateFile and TLS";

    public override byte[] InitialResponse() => Encoding.UTF8.GetBytes(credentials.Username);

    public override byte[] Respond(ReadOnlySpan<byte> challenge) =>
        throw new SaslException("EXTERNAL has nothing to answer, but the smarthost asked again");
}
