using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Network;

/// <summary>What a smarthost, or somebody in its place, may show instead of the certificate it should.</summary>
/// <param name="Certificate">With its key.</param>
/// <param name="Complaint">What the log says of it.</param>
/// <param name="Host">The smarthost's name in the settings.</param>
internal sealed record BadCertificate(
    X509Certificate2 Certificate, string Complaint, X509Certificate2Collection? Intermediates = null, string Host = TestCertificates.HostName);

/// <summary>Certificates that must not be believed, by what is wrong with them.</summary>
internal static class BadCertificates
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";
    private const string CodeSigning = "1.3.6.1.5.5.7.3.3";
    private const string EmailProtection = "1.3.6.1.5.5.7.3.4";
    private const string OcspSigning = "1.3.6.1.5.5.7.3.9";

    public static IReadOnlyDictionary<string, Func<BadCertificate>> All { get; } = new Dictionary<string, Func<BadCertificate>>
    {
        ["expired"] = () => new(TestCertificates.Expired, "the certificate expired on 20"),
        ["not yet valid"] = () => new(TestCertificates.NotYetValid, "the certificate is not valid before 20"),
        ["for another name"] = () => new(TestCertificates.WrongName, "the certificate is for other.test, *.other.test, not for smarthost.test"),
        ["with its name as a common name only"] = () => new(TestCertificates.CommonNameOnly, "only in its subject (CN=smarthost.test), which does not count"),
        ["with its name as a mail address only"] = () => Named(new GeneralName(1, "smarthost.test"), "only in its subject"),
        ["with its name as a URI only"] = () => Named(new GeneralName(6, "https://smarthost.test/"), "only in its subject"),
        ["for a name that goes on behind a NUL"] = () => Named(new GeneralName(2, "smarthost.test\0.other.test"), "the certificate is for"),
        ["for a name that begins like it"] = () => Issued("smarthost.test.other.test"),
        ["for a name that ends like it"] = () => Issued("not-smarthost.test"),
        ["for all of a top-level domain"] = () => Issued("*.test"),
        ["with a wildcard for part of a label"] = () => Issued("smart*.test"),
        ["with a wildcard within a label"] = () => Issued("s*t.test"),
        ["with a wildcard at the end"] = () => Issued("smarthost.*"),
        ["with a wildcard alone"] = () => Issued("*"),
        ["with a wildcard that would have to stand for nothing"] = () => Issued("*.smarthost.test"),
        ["with a wildcard that would have to stand for two labels"] = () => Issued("*.smarthost.test", "a.mx.smarthost.test"),
        ["for another address"] = () => Issued("192.0.2.26", "192.0.2.25"),
        ["for an address that is written as a name"] = () => Named(new GeneralName(2, "192.0.2.25"), "the certificate is for", "192.0.2.25"),
        ["for clients"] = () => new(TestCertificates.WrongUsage, "not meant for servers"),
        ["for signing code"] = () => Leaf(leaf => leaf.Usages = [CodeSigning], "not meant for servers"),
        ["for mail and for signing answers about revocation"] = () => Leaf(leaf => leaf.Usages = [EmailProtection, OcspSigning], "not meant for servers"),
        ["with a critical extension that nobody knows"] = () => Leaf(
            leaf => leaf.Extensions.Add(new X509Extension("1.2.3.4.5", [5, 0], critical: true)), "the certificate"),
        ["of its own making"] = () => new(TestCertificates.SelfSigned, "self-signed; if it is yours, set Smarthost:PinnedSpkiSha256="),
        ["of an authority that nobody knows"] = () => Beneath(Authority("Somebody", TestCertificates.Authority, root: true), "comes from an authority not known here, CN=Somebody", shown: false),
        ["of an authority that shows itself, and that nobody knows"] = () => Beneath(Authority("Somebody", TestCertificates.Authority, root: true), "not known here"),
        ["of an authority that only has the right name"] = () => Beneath(
            Authority(TestCertificates.Authority.GetNameInfo(X509NameType.SimpleName, false), TestCertificates.Authority, root: true), "the certificate", shown: false),
        ["of an authority that is not shown"] = () => Beneath(Authority("Between", TestCertificates.Authority), "not known here, CN=Between", shown: false),
        ["of an authority that has expired"] = () => Beneath(
            Authority("Old", TestCertificates.Authority, authority => authority.Until = DateTimeOffset.UtcNow.AddDays(-3)), "the issuing certificate CN=Old expired on 20"),
        ["of a server that is no authority"] = () => Beneath(TestCertificates.Good, "the certificate"),
        ["of an authority that may not sign certificates"] = () => Beneath(
            Authority("Mute", TestCertificates.Authority, authority => authority.KeyUsage = X509KeyUsageFlags.CrlSign), "the certificate"),
        ["of an authority for clients only"] = () => Beneath(
            Authority("Clients", TestCertificates.Authority, authority => authority.Usages = [ClientAuth]), "not meant for servers"),
        ["of an authority for other names"] = () => Beneath(
            Authority("Elsewhere", TestCertificates.Authority, authority => authority.Extensions.Add(OnlyFor("other.test"))), "the certificate"),
        ["of an authority at the end of a path that is too long"] = () => TooDeep(),
        ["with a signature that is not its authority's"] = () => new(Tampered(TestCertificates.Good), "the certificate"),
    };

    private static BadCertificate Issued(string name, string host = TestCertificates.HostName) =>
        new(TestCertificates.Issue("somebody", name), $"the certificate is for {name}, not for {host}", Host: host);

    private static BadCertificate Named(GeneralName name, string complaint, string host = TestCertificates.HostName) =>
        Leaf(leaf => leaf.Names = name.AsExtension(), complaint) with { Host = host };

    private static BadCertificate Leaf(Action<Shape> change, string complaint) => new(Make("somebody", TestCertificates.Authority, change), complaint);

    private static BadCertificate Beneath(X509Certificate2 authority, string complaint, bool shown = true) =>
        new(Make(TestCertificates.HostName, authority, _ => { }), complaint, shown ? [authority] : []);

    private static BadCertificate TooDeep()
    {
        X509Certificate2 last = Authority("The last", TestCertificates.Authority, authority => authority.PathLength = 0);
        X509Certificate2 beyond = Authority("Beyond", last);
        return Beneath(beyond, "the certificate") with { Intermediates = [last, beyond] };
    }

    private static X509Certificate2 Authority(string name, X509Certificate2 issuer, Action<Shape>? change = null, bool root = false) => Make(
        name,
        root ? null : issuer,
        shape =>
        {
            (shape.IsAuthority, shape.KeyUsage, shape.Usages, shape.Names) = (true, X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, [], null);
            change?.Invoke(shape);
        });

    /// <param name="issuer">Itself, where there is none.</param>
    private static X509Certificate2 Make(string name, X509Certificate2? issuer, Action<Shape> change)
    {
        var shape = new Shape { Names = new GeneralName(2, TestCertificates.HostName).AsExtension() };
        change(shape);
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(shape.IsAuthority, shape.PathLength is not null, shape.PathLength ?? 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(shape.KeyUsage, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        if (shape.Usages.Length > 0)
        {
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. shape.Usages.Select(usage => new Oid(usage))], false));
        }

        if (shape.Names is not null)
        {
            request.CertificateExtensions.Add(shape.Names);
        }

        foreach (X509Extension extension in shape.Extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        if (issuer is null)
        {
            return request.CreateSelfSigned(shape.From, shape.Until);
        }

        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f;
        using ECDsa signer = issuer.GetECDsaPrivateKey()!;
        using X509Certificate2 signed = request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(signer), shape.From, shape.Until, serial);
        return signed.CopyWithPrivateKey(key);
    }

    /// <summary>Name constraints (RFC 5280 §4.2.1.10): this domain and what is in it.</summary>
    private static X509Extension OnlyFor(string domain)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0)))
        using (writer.PushSequence())
        {
            writer.WriteCharacterString(UniversalTagNumber.IA5String, domain, new Asn1Tag(TagClass.ContextSpecific, 2));
        }

        return new X509Extension("2.5.29.30", writer.Encode(), critical: true);
    }

    private static X509Certificate2 Tampered(X509Certificate2 certificate)
    {
        byte[] octets = certificate.RawData;
        octets[^1] ^= 1;
        using ECDsa key = certificate.GetECDsaPrivateKey()!;
        using X509Certificate2 changed = X509CertificateLoader.LoadCertificate(octets);
        return changed.CopyWithPrivateKey(key);
    }

    private sealed class Shape
    {
        public bool IsAuthority { get; set; }

        public int? PathLength { get; set; }

        public X509KeyUsageFlags KeyUsage { get; set; } = X509KeyUsageFlags.DigitalSignature;

        public string[] Usages { get; set; } = [ServerAuth];

        public X509Extension? Names { get; set; }

        public List<X509Extension> Extensions { get; } = [];

        public DateTimeOffset From { get; } = DateTimeOffset.UtcNow.AddDays(-30);

        public DateTimeOffset Until { get; set; } = DateTimeOffset.UtcNow.AddDays(30);
    }

    /// <summary>One name in a subjectAltName, as it is and not as anybody would tidy it up (RFC 5280 §4.2.1.6).</summary>
    private sealed record GeneralName(int Tag, string Text)
    {
        public X509Extension AsExtension()
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteCharacterString(UniversalTagNumber.IA5String, Text, new Asn1Tag(TagClass.ContextSpecific, Tag));
            }

            return new X509Extension("2.5.29.17", writer.Encode(), critical: false);
        }
    }
}
