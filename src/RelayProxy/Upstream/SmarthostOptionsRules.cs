using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RelayProxy.Telemetry;
using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Upstream;

/// <summary>What the settings of the smarthost must not say, one by one and together.</summary>
internal static class SmarthostOptionsRules
{
    /// <summary>One sentence for each broken rule; it begins with the setting's key and ends with the way out.</summary>
    public static IEnumerable<string> Broken(SmarthostOptions options) =>
        [.. BrokenNames(options), .. BrokenLogin(options), .. BrokenTrust(options)];

    /// <summary>What sending needs beyond that, and other commands do not.</summary>
    public static IEnumerable<string> Missing(SmarthostOptions options)
    {
        if (options.Host.Length == 0)
        {
            yield return "Smarthost:Host is not set; name the smarthost, for example smtp.example.net";
        }
    }

    private static IEnumerable<string> BrokenNames(SmarthostOptions options)
    {
        string host = SmarthostHost.Normalize(options.Host);
        if (host.Length > 0 && (!CommandBuffer.IsPrintable(host) || !SmarthostHost.IsName(host)))
        {
            yield return $"Smarthost:Host is \"{LogText.Printable(LogText.WithoutLogin(options.Host, isPlace: true))}\", which is neither a host name nor an IP address; "
                + "write one such as smtp.example.net, and the port as Smarthost:Port";
        }

        if (!CommandBuffer.IsPrintable(options.HeloName) || options.HeloName.Contains(' ', StringComparison.Ordinal) || !Ascii.IsValid(options.HeloName))
        {
            yield return $"Smarthost:HeloName is \"{LogText.Printable(options.HeloName)}\", which is not a host name in ASCII; write one such as "
                + "relay.example.net, or leave it out for this host's own";
        }
        else if (options.HeloName.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            yield return "Smarthost:HeloName is \"localhost\", which every host is; write this host's full name, or leave it out";
        }

        if (!options.IsUnlimited && !options.Provider.Equals("Generic", StringComparison.OrdinalIgnoreCase))
        {
            yield return $"Smarthost:Provider is \"{LogText.Printable(options.Provider)}\", which is not known; write Generic or Unlimited";
        }
    }

    private static IEnumerable<string> BrokenLogin(SmarthostOptions options)
    {
        bool hasPassword = options.Password.Length + options.PasswordFile.Length + options.PasswordCommand.Length > 0;
        bool hasToken = options.AccessToken.Length + options.AccessTokenFile.Length > 0;
        if (new[] { options.Password, options.PasswordFile, options.PasswordCommand }.Count(source => source.Length > 0) > 1)
        {
            yield return "Smarthost:Password, Smarthost:PasswordFile and Smarthost:PasswordCommand exclude each other; keep one of them";
        }

        if (options.AccessToken.Length > 0 && options.AccessTokenFile.Length > 0)
        {
            yield return "Smarthost:AccessToken and Smarthost:AccessTokenFile exclude each other; keep one of them";
        }

        if (!CommandBuffer.IsPrintable(options.Username))
        {
            yield return "Smarthost:Username holds a control character; write it on one line";
        }

        if (options.Username.Length > 0 && !hasPassword && !hasToken && !MayUseCertificate(options))
        {
            yield return $"Smarthost:Username is \"{LogText.Printable(options.Username)}\" and has no password; set Smarthost:PasswordFile, "
                + "Smarthost:PasswordCommand or Smarthost:Password";
        }

        if (options.Username.Length == 0 && hasPassword)
        {
            yield return "Smarthost:Username is not set, but a password is; set both or neither";
        }

        if (options.Tls == SmarthostTls.None && (hasPassword || hasToken) && !options.AllowPlaintextAuth
            && !SmarthostHost.IsLoopback(SmarthostHost.Normalize(options.Host)))
        {
            yield return "Smarthost:Tls is None, which would send the password in clear; write Implicit or StartTls, or permit it with "
                + "Smarthost:AllowPlaintextAuth=true";
        }

        if (options.PasswordCommand.Length > 0 && !CommandLine.TrySplit(options.PasswordCommand, out _))
        {
            yield return "Smarthost:PasswordCommand names no program, or has a quote that is not closed; write a program and its arguments";
        }

        foreach (string mechanism in options.Mechanisms.Where(name => !SaslMechanisms.Names.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            yield return $"Smarthost:Mechanisms holds \"{LogText.Printable(mechanism)}\", which is not known; choose from "
                + string.Join(", ", SaslMechanisms.Names);
        }
    }

    private static IEnumerable<string> BrokenTrust(SmarthostOptions options)
    {
        foreach (string pin in options.PinnedSpkiSha256.Where(pin => !IsPin(pin)))
        {
            yield return $"Smarthost:PinnedSpkiSha256 holds \"{LogText.Printable(pin)}\", which is not the base64 of 32 octets; "
                + "relayproxy check --connect shows the smarthost's own";
        }

        foreach (string digest in options.PinnedCertificateSha256.Where(digest => CertificatePin.Parse(digest) is null))
        {
            yield return $"Smarthost:PinnedCertificateSha256 holds \"{LogText.Printable(digest)}\", which is not the SHA-256 of a certificate; write "
                + "its 64 hexadecimal digits, as openssl x509 -noout -fingerprint -sha256 shows them";
        }

        if (options.CaFile.Length > 0 && WhyNotReadable(() => Authorities(options.CaFile)) is { } authorities)
        {
            yield return $"Smarthost:CaFile is \"{options.CaFile}\", which cannot be used: {authorities}; name a file of certificates in PEM form";
        }

        if (options.ClientKeyFile.Length > 0 && options.ClientCertificateFile.Length == 0)
        {
            yield return "Smarthost:ClientKeyFile needs Smarthost:ClientCertificateFile; set both";
        }

        if (options.ClientCertificateFile.Length > 0 && WhyNotReadable(() => ClientCertificate.Load(options)?.Dispose()) is { } certificate)
        {
            yield return $"Smarthost:ClientCertificateFile is \"{options.ClientCertificateFile}\", which cannot be used: {certificate}; "
                + "name a certificate in PEM form, and its key as Smarthost:ClientKeyFile where it is not in the same file";
        }
    }

    private static void Authorities(string path)
    {
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(path);
        if (authorities.Count == 0)
        {
            throw new CryptographicException("it holds no certificate");
        }
    }

    private static string? WhyNotReadable(Action read)
    {
        try
        {
            read();
            return null;
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return exception.Message.TrimEnd('.');
        }
    }

    private static bool MayUseCertificate(SmarthostOptions options) =>
        options.ClientCertificateFile.Length > 0
        && (options.Mechanisms.Count == 0 || options.Mechanisms.Contains("EXTERNAL", StringComparer.OrdinalIgnoreCase));

    private static bool IsPin(string pin)
    {
        Span<byte> digest = stackalloc byte[48];
        return pin.Length <= 64 && Convert.TryFromBase64String(pin, digest, out int octets) && octets == SHA256.HashSizeInBytes;
    }
}
