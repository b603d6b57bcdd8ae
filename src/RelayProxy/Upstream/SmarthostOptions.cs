namespace RelayProxy.Upstream;

/// <summary>How the connection to the smarthost is protected.</summary>
internal enum SmarthostTls
{
    /// <summary>TLS from the first octet (RFC 8314 §3.3), port 465.</summary>
    Implicit,

    /// <summary>STARTTLS, required and never skipped (RFC 3207), port 587.</summary>
    StartTls,

    /// <summary>Clear text: for a smarthost on this machine, or one reached through a tunnel.</summary>
    None,
}

/// <summary>Settings of the <c>Smarthost</c> section.</summary>
internal sealed class SmarthostOptions
{
    /// <summary>The smarthost's name, as in its certificate; or an IP address.</summary>
    public string Host { get; set; } = "";

    public int Port { get; set; } = 465;

    public SmarthostTls Tls { get; set; } = SmarthostTls.Implicit;

    /// <summary>Shorthand for all of the above and the login: <c>smtps://user:password@host:465</c>; <c>smtp+starttls://</c>
    /// and <c>smtp://</c> name the other two. What is set by itself wins.</summary>
    public string Url { get; set; } = "";

    public string Username { get; set; } = "";

    /// <summary>A secret: never shown.</summary>
    public string Password { get; set; } = "";

    /// <summary>A file whose first line is the password; read again at every login.</summary>
    public string PasswordFile { get; set; } = "";

    /// <summary>A program and its arguments (no shell) whose first line of output is the password.</summary>
    public string PasswordCommand { get; set; } = "";

    /// <summary>An OAuth 2.0 access token, for OAUTHBEARER and XOAUTH2; a secret. Usually given as a file.</summary>
    public string AccessToken { get; set; } = "";

    /// <summary>A file whose first line is an access token; read again at every login.</summary>
    public string AccessTokenFile { get; set; } = "";

    /// <summary>Which SASL mechanisms may be used; empty for all that are safe here.</summary>
    public IList<string> Mechanisms { get; set; } = [];

    /// <summary>Lets a password travel without TLS to a host that is not this machine.</summary>
    public bool AllowPlaintextAuth { get; set; }

    /// <summary>PEM certificates that are trusted instead of the system's.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>Base64 SHA-256 digests of public keys (SubjectPublicKeyInfo) one of which the smarthost must have. Checked on top of chain
    /// and name. For a certificate that no CA known here vouches for, the key stands for both: its name is not looked at
    /// (as in RFC 7671 §5.1), its dates and its purpose still are.</summary>
    public IList<string> PinnedSpkiSha256 { get; set; } = [];

    /// <summary>SHA-256 digests of whole certificates (DER), in hexadecimal, colons allowed, one of which the smarthost must show. Such a
    /// certificate stands for authority and name, whatever it says of itself; its dates and its purpose are still looked at.</summary>
    public IList<string> PinnedCertificateSha256 { get; set; } = [];

    /// <summary>PEM; shown to the smarthost if it asks.</summary>
    public string ClientCertificateFile { get; set; } = "";

    public string ClientKeyFile { get; set; } = "";

    /// <summary>The name said in EHLO. Empty: this host's fully qualified name, or its address in brackets.</summary>
    public string HeloName { get; set; } = "";

    /// <summary>A preset for limits. Only <c>Generic</c> and <c>Unlimited</c> (no pacing, and transactions one into the other) so far.</summary>
    public string Provider { get; set; } = "Generic";

    /// <summary>Connections at the same time.</summary>
    public int MaxConnections { get; set; } = 2;

    /// <summary>Messages sent over one connection before it is closed. 0: no limit.</summary>
    public int MaxMessagesPerConnection { get; set; } = 20;

    /// <summary>How long an unused connection is kept open.</summary>
    public TimeSpan IdleClose { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Recipients in one transaction; a message with more is sent in several.</summary>
    public int MaxRecipientsPerTransaction { get; set; } = 50;

    /// <summary>Send with BDAT where CHUNKING is offered.</summary>
    public bool UseChunking { get; set; }

    /// <summary>EHLO keywords to ignore, for smarthosts that offer what they cannot do: <c>CHUNKING</c>, <c>PIPELINING</c> …</summary>
    public IList<string> Disable { get; set; } = [];

    /// <summary>How long to wait for the TCP connection to one address.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public TimeSpan TlsTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>RFC 5321 §4.5.3.2.1 to §4.5.3.2.3: the greeting, EHLO, AUTH, MAIL and RCPT.</summary>
    public TimeSpan ReplyTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>RFC 5321 §4.5.3.2.4.</summary>
    public TimeSpan DataTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>For each block of content. RFC 5321 §4.5.3.2.5.</summary>
    public TimeSpan BlockTimeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>For the reply to the final dot. RFC 5321 §4.5.3.2.6.</summary>
    public TimeSpan EndOfDataTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>A copy that later changes do not reach.</summary>
    public SmarthostOptions Snapshot()
    {
        var copy = (SmarthostOptions)MemberwiseClone();
        copy.Mechanisms = [.. Mechanisms];
        copy.PinnedSpkiSha256 = [.. PinnedSpkiSha256];
        copy.PinnedCertificateSha256 = [.. PinnedCertificateSha256];
        copy.Disable = [.. Disable];
        return copy;
    }

    public bool IsUnlimited => string.Equals(Provider, "Unlimited", StringComparison.OrdinalIgnoreCase);
}
