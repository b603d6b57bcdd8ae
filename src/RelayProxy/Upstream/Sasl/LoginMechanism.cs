using System.Text;

namespace RelayProxy.Upstream.Sasl;

/// <summary>
/// LOGIN (draft-murchison-sasl-login, never a standard): the server asks for the user name, then for the password. What it asks with
/// (<c>Username:</c>, <c>User Name</c>, something translated) is not looked at; the order is all there is.
/// </summary>
internal sealed class LoginMechanism(SaslCredentials credentials) : SaslMechanism
{
    private int _answered;

    public override string Name => "LOGIN";

    public static string? Lacks(SaslCredentials credentials) => SaslNeeds.PasswordThatMayBeSeen(credentials);

    /// <summary>None: some servers take an initial response for the user name, the others must be asked first.</summary>
    public override byte[]? InitialResponse() => null;

    public override byte[] Respond(ReadOnlySpan<byte> challenge) => _answered++ switch
    {
        0 => Encoding.UTF8.GetBytes(credentials.Username),
        1 => Encoding.UTF8.GetBytes(credentials.Password),
        _ => throw new SaslException("LOGIN asks twice, but the smarthost asked again"),
    };
}
