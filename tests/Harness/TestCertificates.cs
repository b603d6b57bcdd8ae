using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RelayProxy.Harness;

/// <summary>
/// Certificates of every kind a client must tell apart, made anew in each test process and signed by one throw-away authority. All of
/// them, but for the one made out to somebody else, are for <see cref="HostName"/>.
/// </summary>
internal static class TestCertificates
{
    /// <summary>What the good certificate is for, beside <c>localhost</c>, 127.0.0.1 and ::1.</summary>
    public const string HostName = "smarthost.test";

    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";

    private static readonly Lazy<X509Certificate2> s_authority = new(() => MakeAuthority("RelayProxy test authority"));
    private static readonly Lazy<string> s_authorityFile = new(() => WriteTemporary("ca.pem", s_authority.Value.ExportCertificatePem()));
    private static readonly Lazy<X509Certificate2> s_good = new(() => Issue(HostName, HostName, "localhost", "127.0.0.1", "::1"));
    private static readonly Lazy<X509Certificate2> s_expired = new(() => Make(new Kind
    {
        CommonName = HostName, Names = [HostName], From = Now.AddDays(-20), Until = Now.AddDays(-10),
    }));

    private static readonly Lazy<X509Certificate2> s_notYetValid = new(() => Make(new Kind
    {
        CommonName = HostName, Names = [HostName], From = Now.AddDays(10), Until = Now.AddDays(20),
    }));

    private static readonly Lazy<X509Certificate2> s_wrongName = new(() => Issue("other.test", "other.test", "*.other.test"));
    private static readonly Lazy<X509Certificate2> s_commonNameOnly = new(() => Issue(HostName));
    private static readonly Lazy<X509Certificate2> s_wildcard = new(() => Issue("*.smarthost.test", "*.smarthost.test"));
    private static readonly Lazy<X509Certificate2> s_wrongUsage = new(() => Make(new Kind
    {
        CommonName = HostName, Names = [HostName], Usage = ClientAuth,
    }));

    private static readonly Lazy<X509Certificate2> s_selfSigned = new(() => Make(new Kind
    {
        CommonName = HostName, Names = [HostName], SelfSigned = true,
    }));

    private static readonly Lazy<X509Certificate2> s_client = new(() => Make(new Kind
    {
        CommonName = "relay.test", Names = ["relay.test"], Usage = ClientAuth,
    }));

    public static X509Certificate2 Authority => s_authority.Value;

    /// <summary>The authority as a PEM file, for <c>Smarthost:CaFile</c>.</summary>
    public static string AuthorityFile => s_authorityFile.Value;

    public static X509Certificate2 Good => s_good.Value;

    public static X509Certificate2 Expired => s_expired.Value;

    public static X509Certificate2 NotYetValid => s_notYetValid.Value;

    /// <summary>For <c>other.test</c> and <c>*.other.test</c>.</summary>
    public static X509Certificate2 WrongName => s_wrongName.Value;

    /// <summary>The right name, but only as the subject's common name.</summary>
    public static X509Certificate2 CommonNameOnly => s_commonNameOnly.Value;

    /// <summary>For <c>*.smarthost.test</c>.</summary>
    public static X509Certificate2 Wildcard => s_wildcard.Value;

    /// <summary>For clients, not for servers.</summary>
    public static X509Certificate2 WrongUsage => s_wrongUsage.Value;

    public static X509Certificate2 SelfSigned => s_selfSigned.Value;

    /// <summary>A client's, with its key.</summary>
    public static X509Certificate2 Client => s_client.Value;

    private static DateTimeOffset Now => DateTimeOffset.UtcNow;

    /// <summary>A certificate of the test authority for these DNS names and addresses; none makes one with a common name only.</summary>
    public static X509Certificate2 Issue(string commonName, params string[] names) =>
        Make(new Kind { CommonName = commonName, Names = names });

    /// <summary>What <c>Smarthost:PinnedSpkiSha256</c> has to say for a certificate.</summary>
    public static string PinOf(X509Certificate2 certificate) =>
        Convert.ToBase64String(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));

    /// <summary>Writes a certificate and its key as two PEM files.</summary>
    public static (string CertificateFile, string KeyFile) WritePem(X509Certificate2 certificate)
    {
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        return (WriteTemporary("certificate.pem", certificate.ExportCertificatePem()), WriteTemporary("key.pem", key.ExportPkcs8PrivateKeyPem()));
    }

    private static string WriteTemporary(string name, string text)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("relayproxy-tests-");
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Delete(recursive: true);
        string path = Path.Combine(folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    private static X509Certificate2 MakeAuthority(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(Now.AddYears(-1), Now.AddYears(1));
    }

    private static X509Certificate2 Make(Kind kind)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={kind.CommonName}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(kind.Usage)], false));
        if (kind.Names.Length > 0)
        {
            var names = new SubjectAlternativeNameBuilder();
            foreach (string name in kind.Names)
            {
                if (IPAddress.TryParse(name, out IPAddress? address))
                {
                    names.AddIpAddress(address);
                }
                else
                {
                    names.AddDnsName(name);
                }
            }

            request.CertificateExtensions.Add(names.Build());
        }

        if (kind.SelfSigned)
        {
            return request.CreateSelfSigned(kind.From, kind.Until);
        }

        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        using X509Certificate2 signed = request.Create(Authority, kind.From, kind.Until, serial);
        return signed.CopyWithPrivateKey(key);
    }

    private sealed record Kind
    {
        public required string CommonName { get; init; }

        public string[] Names { get; init; } = [];

        public DateTimeOffset From { get; init; } = Now.AddDays(-30);

        public DateTimeOffset Until { get; init; } = Now.AddDays(30);

        public string Usage { get; init; } = ServerAuth;

        public bool SelfSigned { get; init; }
    }
}
