using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RelayProxy.Commands.Demo;

/// <summary>
/// The stand-in smarthost's certificate, and the throw-away authority that vouches for it. Both are made in memory at the start and gone with
/// the process; only the authority's certificate, which is no secret, is ever written down, for <c>Smarthost:CaFile</c>.
/// </summary>
internal sealed class DemoCertificates : IDisposable
{
    /// <summary>id-kp-serverAuth (RFC 5280 §4.2.1.12).</summary>
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    private static readonly TimeSpan s_validFor = TimeSpan.FromDays(30);

    /// <param name="hostNames">DNS names and IP addresses that the smarthost is reached by.</param>
    public DemoCertificates(IEnumerable<string> hostNames, TimeProvider clock)
    {
        // A little into the past, for the machine at the other end whose clock is slow.
        DateTimeOffset from = clock.GetUtcNow() - TimeSpan.FromHours(1);
        DateTimeOffset until = from + s_validFor;

        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authorityRequest = new CertificateRequest("CN=RelayProxy demo authority", authorityKey, HashAlgorithmName.SHA256);
        authorityRequest.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, 0, critical: true));
        authorityRequest.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        authorityRequest.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(authorityRequest.PublicKey, critical: false));
        using X509Certificate2 authority = authorityRequest.CreateSelfSigned(from, until);
        AuthorityPem = authority.ExportCertificatePem();

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=RelayProxy demo smarthost", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(AlternativeNames(hostNames));
        byte[] serial = RandomNumberGenerator.GetBytes(16);
        serial[0] &= 0x7f; // positive
        using X509Certificate2 signed = request.Create(authority, from, until, serial);
        Server = signed.CopyWithPrivateKey(key);
    }

    /// <summary>With its private key.</summary>
    public X509Certificate2 Server { get; }

    /// <summary>The authority's certificate, for whoever is to verify the smarthost.</summary>
    public string AuthorityPem { get; }

    public void Dispose() => Server.Dispose();

    private static X509Extension AlternativeNames(IEnumerable<string> hostNames)
    {
        var names = new SubjectAlternativeNameBuilder();
        foreach (string name in hostNames)
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

        return names.Build();
    }
}
