using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Unit.Upstream.Sasl;

public class TlsServerEndPointTests
{
    [Theory]
    [InlineData("SHA256")]
    [InlineData("SHA384")]
    [InlineData("SHA512")]
    public void The_hash_is_that_of_the_certificate_s_signature(string name)
    {
        var hash = new HashAlgorithmName(name);
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        var subject = new X500DistinguishedName("CN=smtp.example.net");
        CertificateRequest[] requests =
        [
            new(subject, ecdsa, hash),
            new(subject, rsa, hash, RSASignaturePadding.Pkcs1),
            new(subject, rsa, hash, RSASignaturePadding.Pss),
        ];
        foreach (CertificateRequest request in requests)
        {
            using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));

            Assert.Equal(CryptographicOperations.HashData(hash, certificate.RawData), TlsServerEndPoint.Of(certificate.RawData));
        }
    }

    [Theory]
    [InlineData("1.2.840.113549.1.1.4")] // MD5 with RSA
    [InlineData("1.2.840.113549.1.1.5")] // SHA-1 with RSA
    [InlineData("1.2.840.10045.4.1")] // SHA-1 with ECDSA
    [InlineData("1.2.840.113549.1.1.10")] // PSS that leaves its hash at the default, which is SHA-1
    public void MD5_and_SHA1_give_way_to_SHA256(string signature)
    {
        // No certificate of our time has one of these, so here is as much of one as is looked at.
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.PushSequence().Dispose();
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(signature);
                writer.PushSequence().Dispose();
            }
        }

        byte[] certificate = writer.Encode();

        Assert.Equal(SHA256.HashData(certificate), TlsServerEndPoint.Of(certificate));
    }

    [Fact]
    public void An_Ed25519_signature_names_no_hash_so_there_is_no_binding()
    {
        // openssl req -x509 -newkey ed25519 -nodes -keyout /dev/null -subj /CN=x -days 36500 -outform DER | base64 -w0
        byte[] certificate = Convert.FromBase64String("MIIBLjCB4aADAgECAhQxyDegHxGiVRfBIcXOirwiSR1OADAFBgMrZXAwDDEKMAgGA1UEAwwBeDAgFw0yNjExMjIwNjM4MTRaGA8yMTI2MTAyOTA2MzgxNFowDDEKMAgGA1UEAwwBeDAqMAUGAytlcAMhACZxApG8xevJazPGFWwoKeyI06Yr6YECohvlXUeLnBVXo1MwUTAdBgNVHQ4EFgQUvfNGwZVIzqS1IpCD4ZDlBwVvzbYwHwYDVR0jBBgwFoAUvfNGwZVIzqS1IpCD4ZDlBwVvzbYwDwYDVR0TAQH/BAUwAwEB/zAFBgMrZXADQQAVVYY+w9/W/28mbJgBQaKZovD+4c88l3PfWKad7vz1SRRo9VaclphskPyhQWUnRXQdsCR7jGkWUYaPtMontx8O");

        Assert.Empty(TlsServerEndPoint.Of(certificate));
    }

    [Theory]
    [InlineData("")]
    [InlineData("3000")]
    [InlineData("30033001FF")]
    [InlineData("FFFF")]
    public void What_is_no_certificate_has_no_binding(string hex) => Assert.Empty(TlsServerEndPoint.Of(Convert.FromHexString(hex)));
}
