using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RelayProxy.Upstream;

/// <summary>
/// Decides whether a certificate is the smarthost's (RFC 7817, RFC 9525), and if not, says why in words an operator can act on.
/// </summary>
internal static class ServerIdentity
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const X509ChainStatusFlags NobodyVouches = X509ChainStatusFlags.UntrustedRoot | X509ChainStatusFlags.PartialChain;

    /// <summary>RFC 9325 §4.5.</summary>
    private const int LeastRsaBits = 2048;

    /// <summary>Signatures over digests for which collisions are made (RFC 8446 §4.4.2.4), for RSA, DSA and ECDSA.</summary>
    private static readonly Dictionary<string, string> s_forgeableSignatures = new(StringComparer.Ordinal)
    {
        ["1.2.840.113549.1.1.2"] = "MD2",
        ["1.2.840.113549.1.1.4"] = "MD5",
        ["1.2.840.113549.1.1.5"] = "SHA-1",
        ["1.3.14.3.2.29"] = "SHA-1",
        ["1.2.840.10040.4.3"] = "SHA-1",
        ["1.2.840.10045.4.1"] = "SHA-1",
    };

    /// <summary>What a chain is built by: for a server, now, without asking anybody over the network. A hanging revocation service would
    /// otherwise stall each handshake for 15 s.</summary>
    /// <param name="authorities">Trusted instead of the system's; <c>null</c> for the system's.</param>
    public static X509ChainPolicy Policy(X509Certificate2Collection? authorities)
    {
        var policy = new X509ChainPolicy { RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.ApplicationPolicy.Add(new Oid(ServerAuth));
        if (authorities is not null)
        {
            policy.TrustMode = X509ChainTrustMode.CustomRootTrust;
            policy.CustomTrustStore.AddRange(authorities);
        }

        return policy;
    }

    /// <summary>Base64 of the SHA-256 of the SubjectPublicKeyInfo: survives a renewal that keeps the key.</summary>
    public static string PinOf(X509Certificate2 certificate) =>
        Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <param name="chain">As built by <see cref="Policy"/>.</param>
    /// <param name="nameMismatch">The TLS library's own verdict on the name; it must not object either.</param>
    /// <param name="certificatePins">As <see cref="CertificatePin.Parse"/> has them.</param>
    /// <returns><c>null</c> if it is the smarthost's.</returns>
    public static string? WhyNot(
        X509Certificate2 certificate,
        X509Chain chain,
        bool nameMismatch,
        string host,
        IReadOnlyCollection<string> pins,
        IReadOnlyCollection<string?> certificatePins)
    {
        bool known = certificatePins.Contains(CertificatePin.Of(certificate), StringComparer.Ordinal);
        if (certificatePins.Count > 0 && !known)
        {
            return $"the certificate's SHA-256 is {CertificatePin.Of(certificate)}, which is not among Smarthost:PinnedCertificateSha256";
        }

        string pin = PinOf(certificate);
        bool pinned = pins.Contains(pin, StringComparer.Ordinal);
        if (pins.Count > 0 && !pinned)
        {
            return $"the certificate's key is {pin}, which is not among Smarthost:PinnedSpkiSha256";
        }

        X509ChainStatusFlags status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        bool vouched = (status & NobodyVouches) == 0;
        bool byPin = known || (!vouched && pinned);
        if (byPin)
        {
            // The key stands for authority and name: that is what it was pinned for.
            status &= ~NobodyVouches;
        }

        return WhyNotChain(certificate, chain, status, pin)
            ?? chain.ChainElements.Select(element => WhyTooWeak(certificate, element.Certificate, bySignature: !byPin)).FirstOrDefault(why => why is not null)
            ?? (vouched && !known && (nameMismatch || !Matches(certificate, host)) ? WhyNotName(certificate, host) : null);
    }

    private static string? WhyNotChain(X509Certificate2 certificate, X509Chain chain, X509ChainStatusFlags status, string pin)
    {
        if (status.HasFlag(X509ChainStatusFlags.NotTimeValid))
        {
            X509Certificate2 outdated = chain.ChainElements
                .FirstOrDefault(element => element.ChainElementStatus.Any(one => one.Status.HasFlag(X509ChainStatusFlags.NotTimeValid)))?.Certificate
                ?? certificate;
            return outdated.NotBefore > DateTime.Now
                ? $"{Which(certificate, outdated)} is not valid before {Day(outdated.NotBefore)}"
                : $"{Which(certificate, outdated)} expired on {Day(outdated.NotAfter)}";
        }

        if (status.HasFlag(X509ChainStatusFlags.NotValidForUsage))
        {
            return "the certificate is not meant for servers (its extended key usage lacks serverAuth)";
        }

        if ((status & NobodyVouches) != 0)
        {
            return certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)
                ? $"the certificate is self-signed; if it is yours, set Smarthost:PinnedSpkiSha256={pin}"
                : $"the certificate comes from an authority not known here, {Name(certificate.Issuer)}; if it is yours, set Smarthost:CaFile, "
                    + $"or Smarthost:PinnedSpkiSha256={pin}";
        }

        return status == X509ChainStatusFlags.NoError
            ? null
            : $"the certificate does not verify: {string.Join(", ", chain.ChainStatus.Select(one => one.Status.ToString()).Distinct())}";
    }

    /// <summary>What can be forged proves nothing (RFC 9325 §4.5). Neither .NET nor, by way of it, OpenSSL objects.</summary>
    /// <param name="link">One certificate of the chain.</param>
    /// <param name="bySignature">It is believed for what its issuer signed, and not because it was pinned.</param>
    private static string? WhyTooWeak(X509Certificate2 certificate, X509Certificate2 link, bool bySignature)
    {
        using RSA? rsa = link.GetRSAPublicKey();
        if (rsa is { KeySize: < LeastRsaBits })
        {
            return $"{Which(certificate, link)} has an RSA key of {rsa.KeySize} bits, which is too short to be believed: it takes {LeastRsaBits}";
        }

        // A root is trusted for being known, whatever it says of itself.
        bool isRoot = link.SubjectName.RawData.AsSpan().SequenceEqual(link.IssuerName.RawData);
        return bySignature && !isRoot && s_forgeableSignatures.TryGetValue(link.SignatureAlgorithm.Value ?? "", out string? digest)
            ? $"{Which(certificate, link)} is signed over {digest}, which can be forged: its authority has to issue another"
            : null;
    }

    /// <summary>subjectAltName only: a common name is no identity (RFC 9525 §2), whatever the TLS library thinks of it.</summary>
    private static bool Matches(X509Certificate2 certificate, string host)
    {
        try
        {
            return certificate.MatchesHostname(host, allowWildcards: true, allowCommonName: false);
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string WhyNotName(X509Certificate2 certificate, string host)
    {
        X509SubjectAlternativeNameExtension? names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().FirstOrDefault();
        string[] known = names is null
            ? []
            : [.. names.EnumerateDnsNames().Concat(names.EnumerateIPAddresses().Select(address => address.ToString())).Take(10).Select(Clean)];
        return known.Length == 0
            ? $"the certificate names its server only in its subject ({Name(certificate.Subject)}), which does not count; it needs {host} as a subjectAltName"
            : $"the certificate is for {string.Join(", ", known)}, not for {host}"
                + (IPAddress.TryParse(host, out _) ? "; Smarthost:Host has to be a name" : "; Smarthost:Host has to be one of these names");
    }

    private static string Which(X509Certificate2 certificate, X509Certificate2 link) =>
        link.Equals(certificate) ? "the certificate" : $"the issuing certificate {Name(link.Subject)}";

    private static string Day(DateTime time) => time.ToUniversalTime().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Name(string distinguishedName) => Clean(distinguishedName.Length > 120 ? distinguishedName[..120] + "…" : distinguishedName);

    /// <summary>It is the far side's text, and goes into a log.</summary>
    private static string Clean(string text) => string.Concat(text.Select(letter => letter is >= ' ' and <= '~' ? letter : '?'));
}
