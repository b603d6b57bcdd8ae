using System.Security.Cryptography;
using System.Text;

namespace RelayProxy.Upstream.Sasl;

/// <summary>
/// SCRAM (RFC 5802, RFC 7677): each side proves that it knows the password, neither shows it. The -PLUS variants prove as well
/// that both are ends of one TLS connection (RFC 5929 <c>tls-server-end-point</c>).
/// </summary>
internal sealed class ScramMechanism : SaslMechanism
{
    private readonly HashAlgorithmName _hash;
    private readonly string _username;
    private readonly string _password;
    private readonly string _gs2Header;
    private readonly byte[] _channelBinding;
    private readonly string _nonce;
    private Step _step;
    private byte[] _serverSignature = [];

    private ScramMechanism(HashAlgorithmName hash, bool plus, SaslCredentials credentials, string gs2Header, string? nonce)
    {
        Name = (hash == HashAlgorithmName.SHA1 ? "SCRAM-SHA-1" : "SCRAM-SHA-256") + (plus ? "-PLUS" : "");
        _hash = hash;
        _username = Prepared(credentials.Username);
        _password = Prepared(credentials.Password);
        _gs2Header = gs2Header;
        _channelBinding = plus ? credentials.TlsServerEndPoint : [];
        _nonce = nonce ?? Convert.ToBase64String(RandomNumberGenerator.GetBytes(24));
    }

    private enum Step
    {
        Start,
        FirstSent,
        ProofSent,
        ServerProved,
    }

    public override string Name { get; }

    /// <summary>Bound to the TLS connection.</summary>
    /// <param name="nonce">Printable ASCII without comma; <c>null</c> for a random one. Given by tests only.</param>
    public static ScramMechanism Plus(HashAlgorithmName hash, SaslCredentials credentials, string? nonce = null) =>
        new(hash, plus: true, credentials, "p=tls-server-end-point,,", nonce);

    /// <summary>
    /// Not bound. Where we could have bound it, and the smarthost seems not to offer that, the flag <c>y</c> says so: should somebody
    /// have taken the offer out on the way, the server finds out (RFC 5802 §6).
    /// </summary>
    public static ScramMechanism Plain(HashAlgorithmName hash, SaslCredentials credentials, bool smarthostOffersPlus, string? nonce = null) =>
        new(hash, plus: false, credentials, credentials.TlsServerEndPoint.Length > 0 && !smarthostOffersPlus ? "y,," : "n,,", nonce);

    public static string? Lacks(SaslCredentials credentials) =>
        SaslNeeds.UsernameAndPassword(credentials)
        ?? (SaslPrep.TryPrepare(credentials.Username, out _) && SaslPrep.TryPrepare(credentials.Password, out _)
            ? null
            : "the user name or the password holds characters that SCRAM would have to normalise");

    public static string? LacksForPlus(SaslCredentials credentials) =>
        credentials.TlsServerEndPoint.Length > 0 ? Lacks(credentials) : "needs TLS and a certificate that channel binding is defined for";

    /// <summary><c>saslname</c> of RFC 5802 §5.1: comma and equals sign have a meaning of their own.</summary>
    public static string EscapeName(string name) =>
        name.Replace("=", "=3D", StringComparison.Ordinal).Replace(",", "=2C", StringComparison.Ordinal);

    public override byte[] InitialResponse()
    {
        _step = Step.FirstSent;
        return Encoding.UTF8.GetBytes(_gs2Header + ClientFirstBare);
    }

    public override byte[] Respond(ReadOnlySpan<byte> challenge)
    {
        switch (_step)
        {
            case Step.FirstSent:
                _step = Step.ProofSent;
                return ClientFinal(Text(challenge));
            case Step.ProofSent:
                CheckServerFinal(Text(challenge));
                _step = Step.ServerProved;
                return [];
            default:
                throw new SaslException($"the smarthost sent a {Name} challenge out of turn");
        }
    }

    public override void Finish()
    {
        if (_step != Step.ServerProved)
        {
            throw new SaslException($"the smarthost accepted the login without proving that it knows the password ({Name})");
        }
    }

    private string ClientFirstBare => $"n={EscapeName(_username)},r={_nonce}";

    private byte[] ClientFinal(string serverFirst)
    {
        if (ScramAttributes.TryTake(serverFirst, 0, "e=", out string? error))
        {
            throw Refused(error);
        }

        var (nonce, salt, iterations) = ScramServerFirst.Read(serverFirst, _nonce, Name);
        string binding = Convert.ToBase64String([.. Encoding.ASCII.GetBytes(_gs2Header), .. _channelBinding]);
        string finalWithoutProof = $"c={binding},r={nonce}";
        byte[] authMessage = Encoding.UTF8.GetBytes($"{ClientFirstBare},{serverFirst},{finalWithoutProof}");

        byte[] saltedPassword = Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(_password), salt, iterations, _hash, HashOctets);
        byte[] clientKey = CryptographicOperations.HmacData(_hash, saltedPassword, "Client Key"u8);
        byte[] storedKey = CryptographicOperations.HashData(_hash, clientKey);
        byte[] proof = CryptographicOperations.HmacData(_hash, storedKey, authMessage);
        for (int i = 0; i < proof.Length; i++)
        {
            proof[i] ^= clientKey[i];
        }

        byte[] serverKey = CryptographicOperations.HmacData(_hash, saltedPassword, "Server Key"u8);
        _serverSignature = CryptographicOperations.HmacData(_hash, serverKey, authMessage);
        CryptographicOperations.ZeroMemory(saltedPassword);
        return Encoding.UTF8.GetBytes($"{finalWithoutProof},p={Convert.ToBase64String(proof)}");
    }

    private void CheckServerFinal(string message)
    {
        if (ScramAttributes.TryTake(message, 0, "e=", out string? error))
        {
            throw Refused(error);
        }

        if (!ScramAttributes.TryTake(message, 0, "v=", out string? verifier)
            || !CryptographicOperations.FixedTimeEquals(ScramAttributes.FromBase64(verifier), _serverSignature))
        {
            throw new SaslException($"the smarthost failed to prove that it knows the password ({Name})");
        }
    }

    /// <summary>Names of RFC 5802 §7 (server-error-value); what is none of them is not repeated.</summary>
    private SaslException Refused(string error) => error switch
    {
        "channel-bindings-dont-match" or "unsupported-channel-binding-type" or "server-does-support-channel-binding"
            or "channel-binding-not-supported" =>
            new SaslException($"the smarthost refused {Name}: {error}", SaslFault.MechanismUnusable),
        "invalid-encoding" or "extensions-not-supported" or "invalid-proof" or "unknown-user" or "invalid-username-encoding"
            or "no-resources" or "other-error" =>
            new SaslException($"the smarthost refused {Name}: {error}", SaslFault.CredentialsRefused),
        _ => new SaslException($"the smarthost refused {Name}", SaslFault.CredentialsRefused),
    };

    private int HashOctets => _hash == HashAlgorithmName.SHA1 ? SHA1.HashSizeInBytes : SHA256.HashSizeInBytes;

    private string Text(ReadOnlySpan<byte> challenge) =>
        Ascii.IsValid(challenge) ? Encoding.ASCII.GetString(challenge) : throw new SaslException($"the smarthost's {Name} message is not ASCII");

    private static string Prepared(string text) =>
        SaslPrep.TryPrepare(text, out string prepared) ? prepared : throw new ArgumentException("Checked by Lacks.", nameof(text));
}
