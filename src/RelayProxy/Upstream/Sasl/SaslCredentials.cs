namespace RelayProxy.Upstream.Sasl;

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

    /// <summary><c>tls-server-end-point</c> (RFC 5929 §4), from <see cref="Sasl.TlsServerEndPoint"/>; empty without TLS, and for a
    /// certificate whose signature leaves it undefined.</summary>
    public byte[] TlsServerEndPoint { get; init; } = [];

    /// <summary>The smarthost's name and port, for OAUTHBEARER.</summary>
    public string Host { get; init; } = "";

    public int Port { get; init; }

    /// <summary>Says nothing, so that no log and no exception ever says more.</summary>
    public override string ToString() => nameof(SaslCredentials);
}
