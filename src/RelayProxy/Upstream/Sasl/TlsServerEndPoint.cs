using System.Formats.Asn1;
using System.Security.Cryptography;

namespace RelayProxy.Upstream.Sasl;

/// <summary>
/// The channel binding <c>tls-server-end-point</c> (RFC 5929 §4.1): a hash of the server's certificate, made with the hash of the
/// certificate's own signature, or with SHA-256 where that is MD5 or SHA-1.
/// </summary>
internal static class TlsServerEndPoint
{
    private const string RsaPss = "1.2.840.113549.1.1.10";

    /// <param name="certificate">The certificate as the server showed it, in DER.</param>
    /// <returns>Empty where the binding is not defined: for a signature that names no hash (Ed25519) or one not known here.</returns>
    public static byte[] Of(ReadOnlyMemory<byte> certificate)
    {
        HashAlgorithmName hash;
        try
        {
            hash = SignatureHash(certificate);
        }
        catch (AsnContentException)
        {
            return [];
        }

        return hash.Name is null ? [] : CryptographicOperations.HashData(hash, certificate.Span);
    }

    /// <summary>Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signatureValue } (RFC 5280 §4.1).</summary>
    private static HashAlgorithmName SignatureHash(ReadOnlyMemory<byte> certificate)
    {
        AsnReader fields = new AsnReader(certificate, AsnEncodingRules.DER).ReadSequence();
        fields.ReadEncodedValue();
        AsnReader algorithm = fields.ReadSequence();
        string oid = algorithm.ReadObjectIdentifier();
        return oid == RsaPss ? PssHash(algorithm) : oid switch
        {
            "1.2.840.113549.1.1.4" or "1.2.840.113549.1.1.5" or "1.2.840.113549.1.1.11" => HashAlgorithmName.SHA256, // RSA: MD5, SHA-1, SHA-256
            "1.2.840.113549.1.1.12" => HashAlgorithmName.SHA384,
            "1.2.840.113549.1.1.13" => HashAlgorithmName.SHA512,
            "1.2.840.10045.4.1" or "1.2.840.10045.4.3.2" => HashAlgorithmName.SHA256, // ECDSA: SHA-1, SHA-256
            "1.2.840.10045.4.3.3" => HashAlgorithmName.SHA384,
            "1.2.840.10045.4.3.4" => HashAlgorithmName.SHA512,
            _ => default,
        };
    }

    /// <summary>RSASSA-PSS-params ::= SEQUENCE { [0] hashAlgorithm DEFAULT sha1 … } (RFC 4055 §3.1).</summary>
    private static HashAlgorithmName PssHash(AsnReader algorithm)
    {
        AsnReader parameters = algorithm.ReadSequence();
        var hashTag = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (!parameters.HasData || !parameters.PeekTag().HasSameClassAndValue(hashTag))
        {
            return HashAlgorithmName.SHA256;
        }

        return parameters.ReadSequence(hashTag).ReadSequence().ReadObjectIdentifier() switch
        {
            "1.3.14.3.2.26" or "2.16.840.1.101.3.4.2.1" => HashAlgorithmName.SHA256, // SHA-1, SHA-256
            "2.16.840.1.101.3.4.2.2" => HashAlgorithmName.SHA384,
            "2.16.840.1.101.3.4.2.3" => HashAlgorithmName.SHA512,
            _ => default,
        };
    }
}
