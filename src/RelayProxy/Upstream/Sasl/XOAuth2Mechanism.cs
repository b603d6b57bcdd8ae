using System.Text;

namespace RelayProxy.Upstream.Sasl;

/// <summary>XOAUTH2: what Google and Microsoft had before <see cref="OAuthBearerMechanism"/> was written down, and still ask for.</summary>
internal sealed class XOAuth2Mechanism(SaslCredentials credentials) : OAuthMechanism(credentials)
{
    public override string Name => "XOAUTH2";

    /// <summary>An empty line.</summary>
    protected override byte[] Acknowledgement => [];

    public static string? Lacks(SaslCredentials credentials) =>
        credentials.Username.Length == 0 ? "needs Smarthost:Username" : SaslNeeds.AccessToken(credentials);

    public override byte[] InitialResponse() =>
        Encoding.UTF8.GetBytes($"user={Credentials.Username}\u0001auth=Bearer {Credentials.AccessToken}\u0001\u0001");
}
