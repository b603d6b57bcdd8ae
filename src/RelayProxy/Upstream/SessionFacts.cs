using System.Net;

namespace RelayProxy.Upstream;

/// <summary>What is known of an open session, for the log and for <c>check --connect</c>.</summary>
internal sealed record SessionFacts
{
    /// <summary>The address that answered.</summary>
    public IPEndPoint? RemoteAddress { get; init; }

    /// <summary>Its greeting.</summary>
    public string Greeting { get; init; } = "";

    /// <summary><c>TLSv1.3</c>; empty without TLS.</summary>
    public string TlsVersion { get; init; } = "";

    public string CipherSuite { get; init; } = "";

    public string CertificateSubject { get; init; } = "";

    public string CertificateIssuer { get; init; } = "";

    public DateTimeOffset? CertificateExpires { get; init; }

    /// <summary>What <see cref="SmarthostOptions.PinnedSpkiSha256"/> would hold for it.</summary>
    public string SpkiSha256 { get; init; } = "";

    /// <summary><c>tls-server-end-point</c>, for channel binding.</summary>
    public byte[] ChannelBinding { get; init; } = [];

    /// <summary>How we logged in; empty if no login is configured.</summary>
    public string Mechanism { get; init; } = "";
}
