using System.Text;

namespace RelayProxy.Upstream.Sasl;

/// <summary>PLAIN (RFC 4616): <c>[authzid] NUL authcid NUL password</c>, in UTF-8. The server prepares the strings, not we.</summary>
internal sealed class PlainMechanism(SaslCredentials credentials) : SaslMechanism
{
    public override string Name => "PLAIN";

    public static string? Lacks(SaslCredentials credentials) => SaslNeeds.PasswordThatMayBeSeen(credentials);

    public override byte[] InitialResponse() => Encoding.UTF8.GetBytes($"\0{credentials.Username}\0{credentials.Password}");

    public override byte[] Respond(ReadOnlySpan<byte> challenge) =>
        throw new SaslException("PLAIN has nothing to answer, but the smarthost asked again");
}
