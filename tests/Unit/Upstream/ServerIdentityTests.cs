using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Upstream;

public class ServerIdentityTests
{
    [Theory]
    [InlineData(1024, "the certificate has an RSA key of 1024 bits, which is too short to be believed: it takes 2048")]
    [InlineData(2040, "the certificate has an RSA key of 2040 bits, which is too short to be believed: it takes 2048")]
    [InlineData(2048, null)]
    public void C03_An_RSA_key_that_can_be_broken_proves_nothing_even_if_it_is_pinned(int bits, string? why)
    {
        using RSA key = RSA.Create(bits);
        using X509Certificate2 certificate = Issue(new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), overSha1: false);

        Assert.Equal(why, WhyNot(certificate));
        Assert.Equal(why, WhyNot(certificate, CertificatePin.Of(certificate)));
    }

    [Theory]
    [InlineData(true, "the certificate is signed over SHA-1, which can be forged: its authority has to issue another")]
    [InlineData(false, null)]
    public void C03_A_signature_that_can_be_forged_proves_nothing_and_a_pin_needs_none(bool overSha1, string? why)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using X509Certificate2 certificate = Issue(new CertificateRequest("CN=x", key, HashAlgorithmName.SHA256), overSha1);

        Assert.Equal(why, WhyNot(certificate));
        Assert.Null(WhyNot(certificate, CertificatePin.Of(certificate)));
    }

    private static string? WhyNot(X509Certificate2 certificate, params string[] pins)
    {
        using var chain = new X509Chain { ChainPolicy = ServerIdentity.Policy([TestCertificates.Authority]) };
        chain.Build(certificate);
        return ServerIdentity.WhyNot(certificate, chain, nameMismatch: false, TestCertificates.HostName, [], pins);
    }

    private static X509Certificate2 Issue(CertificateRequest request, bool overSha1)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(TestCertificates.HostName);
        request.CertificateExtensions.Add(names.Build());
        using ECDsa signer = TestCertificates.Authority.GetECDsaPrivateKey()!;
        X509SignatureGenerator generator = overSha1 ? new OverSha1(signer) : X509SignatureGenerator.CreateForECDsa(signer);
        return request.Create(TestCertificates.Authority.SubjectName, generator, DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1), [1]);
    }

    /// <summary>Signs as .NET itself no longer does.</summary>
    private sealed class OverSha1(ECDsa key) : X509SignatureGenerator
    {
        public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
        {
            var writer = new AsnWriter(AsnEncodingRules.DER);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.2.840.10045.4.1");
            }

            return writer.Encode();
        }

        public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) =>
            key.SignData(data, HashAlgorithmName.SHA1, DSASignatureFormat.Rfc3279DerSequence);

        protected override PublicKey BuildPublicKey() => throw new NotSupportedException();
    }
}
