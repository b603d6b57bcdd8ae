using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace RelayProxy.Upstream.Sasl;

/// <summary>CRAM-MD5 (RFC 2195): HMAC-MD5 of the server's challenge, keyed with the password.</summary>
internal sealed class CramMd5Mechanism(SaslCredentials credentials) : SaslMechanism
{
    private bool _answered;

    public override string Name => "CRAM-MD5";

    public static string? Lacks(SaslCredentials credentials) => SaslNeeds.UsernameAndPassword(credentials);

    public override byte[]? InitialResponse() => null;

    [SuppressMessage("Security", "CA5351", Justification = "The mechanism is HMAC-MD5; it ranks below everything better.")]
    public override byte[] Respond(ReadOnlySpan<byte> challenge)
    {
        // Hashing an empty challenge would give the same answer each time: something to collect and to replay.
        if (_answered || challenge.IsEmpty)
        {
            throw new SaslException("the smarthost's CRAM-MD5 challenge is empty, or a second one");
        }

        _answered = true;
        byte[] digest = HMACMD5.HashData(Encoding.UTF8.GetBytes(credentials.Password), challenge);
        return Encoding.UTF8.GetBytes($"{credentials.Username} {Convert.ToHexStringLower(digest)}");
    }
}
