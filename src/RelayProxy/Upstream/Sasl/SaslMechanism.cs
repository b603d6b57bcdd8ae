namespace RelayProxy.Upstream.Sasl;

/// <summary>
/// One exchange of one SASL mechanism, client side (RFC 4422). Knows octets, not base64 and not SMTP. Used once.
/// </summary>
internal abstract class SaslMechanism
{
    /// <summary>As it stands in the EHLO reply: <c>SCRAM-SHA-256</c>.</summary>
    public abstract string Name { get; }

    /// <summary>The initial response to send with AUTH; <c>null</c> where the server speaks first (LOGIN, CRAM-MD5).</summary>
    public abstract byte[]? InitialResponse();

    /// <summary>Answers a challenge.</summary>
    /// <exception cref="SaslException">The challenge is malformed, or the server failed to prove itself: cancel with <c>*</c>.</exception>
    public abstract byte[] Respond(ReadOnlySpan<byte> challenge);

    /// <summary>Called when the server says 235. SCRAM insists on having seen the server's proof.</summary>
    /// <exception cref="SaslException">The server has not proved itself: do not go on.</exception>
    public virtual void Finish()
    {
    }
}

/// <summary>The exchange cannot go on. The message carries nothing secret.</summary>
internal sealed class SaslException(string message) : Exception(message);

/// <summary>What a mechanism may use. Never logged.</summary>
internal sealed class SaslCredentials
{
    public string Username { get; init; } = "";

    public string Password { get; init; } = "";

    /// <summary>An OAuth 2.0 access token; empty if there is none.</summary>
    public string AccessToken { get; init; } = "";

    public bool HasClientCertificate { get; init; }

    /// <summary>Whether TLS protects the connection.</summary>
    public bool IsEncrypted { get; init; }

    /// <summary>A password may travel in clear: the host is this machine, or AllowPlaintextAuth is set.</summary>
    public bool AllowPlaintext { get; init; }

    /// <summary><c>tls-server-end-point</c> (RFC 5929 §4): the hash of the server's certificate; empty without TLS.</summary>
    public byte[] TlsServerEndPoint { get; init; } = [];

    /// <summary>The smarthost's name and port, for OAUTHBEARER.</summary>
    public string Host { get; init; } = "";

    public int Port { get; init; }

    public override string ToString() => nameof(SaslCredentials);
}
