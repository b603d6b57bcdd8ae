using System.Globalization;
using System.Text;

namespace RelayProxy.Upstream.Sasl;

/// <summary>OAUTHBEARER (RFC 7628).</summary>
internal sealed class OAuthBearerMechanism(SaslCredentials credentials) : OAuthMechanism(credentials)
{
    public override string Name => "OAUTHBEARER";

    /// <summary>A lone ^A (RFC 7628 §3.2.3).</summary>
    protected override byte[] Acknowledgement => [1];

    public static string? Lacks(SaslCredentials credentials) => SaslNeeds.AccessToken(credentials);

    public override byte[] InitialResponse()
    {
        var text = new StringBuilder("n,");
        if (Credentials.Username.Length > 0)
        {
            text.Append("a=").Append(ScramMechanism.EscapeName(Credentials.Username));
        }

        text.Append(",\u0001");
        if (Credentials.Host.Length > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"host={Credentials.Host}\u0001port={Credentials.Port}\u0001");
        }

        return Encoding.UTF8.GetBytes(text.Append(CultureInfo.InvariantCulture, $"auth=Bearer {Credentials.AccessToken}\u0001\u0001").ToString());
    }
}
