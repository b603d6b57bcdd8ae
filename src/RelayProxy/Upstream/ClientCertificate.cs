using System.Security.Cryptography.X509Certificates;

namespace RelayProxy.Upstream;

/// <summary>The certificate that we show to a smarthost that asks for one.</summary>
internal static class ClientCertificate
{
    /// <returns>With its private key; <c>null</c> if none is set.</returns>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The files do not hold a certificate and its key.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static X509Certificate2? Load(SmarthostOptions options) => options.ClientCertificateFile.Length == 0
        ? null
        : X509Certificate2.CreateFromPemFile(options.ClientCertificateFile, options.ClientKeyFile.Length == 0 ? null : options.ClientKeyFile);
}
