using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RelayProxy.Upstream;

/// <summary>A whole certificate's SHA-256, as people write it: 64 hexadecimal digits of any case, with colons or without.</summary>
internal static class CertificatePin
{
    /// <summary>In the form that is compared, upper case and without colons; <c>null</c> if it is none.</summary>
    public static string? Parse(string text)
    {
        string digits = text.Trim().Replace(":", "", StringComparison.Ordinal).ToUpperInvariant();
        return digits.Length == SHA256.HashSizeInBytes * 2 && digits.All(char.IsAsciiHexDigitUpper) ? digits : null;
    }

    public static string Of(X509Certificate2 certificate) => Convert.ToHexString(SHA256.HashData(certificate.RawDataMemory.Span));
}
