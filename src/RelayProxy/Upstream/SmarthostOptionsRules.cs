using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Upstream;

/// <summary>A setting that cannot be used.</summary>
/// <param name="Key"><c>Smarthost:Port</c>.</param>
/// <param name="Value">What it holds; empty for a secret.</param>
/// <param name="Problem">What is wrong with it, and the way out.</param>
internal readonly record struct SettingError(string Key, string Value, string Problem)
{
    public override string ToString() => Value.Length == 0 ? $"{Key}: {Problem}" : $"{Key} is \"{Value}\": {Problem}";
}

/// <summary>What the settings of the smarthost have to satisfy, one by one and together.</summary>
internal static class SmarthostOptionsRules
{
    private static readonly TimeSpan s_longest = TimeSpan.FromDays(1);

    /// <summary>Everything that is wrong, not just the first.</summary>
    public static IReadOnlyList<SettingError> Check(SmarthostOptions options)
    {
        var errors = new List<SettingError>();
        void Wrong(string key, string value, string problem) => errors.Add(new SettingError("Smarthost:" + key, value, problem));

        if (options.Url.Length > 0 && !SmarthostUrl.TryParse(options.Url, out _, out string urlError))
        {
            Wrong("Url", "", urlError);
        }

        SmarthostOptions applied = SmarthostUrl.Apply(options);
        CheckPlace(options, applied, Wrong);
        CheckLogin(options, applied, Wrong);
        CheckTrust(options, Wrong);
        CheckBounds(options, Wrong);
        return errors;
    }

    /// <summary>Whether a host name or address can only be this machine.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));

    private static void CheckPlace(SmarthostOptions options, SmarthostOptions applied, Action<string, string, string> wrong)
    {
        if (applied.Host.Length == 0)
        {
            if (options.Url.Length == 0)
            {
                wrong("Host", "", "is not set; name the smarthost, for example smtp.example.net");
            }
        }
        else if (!CommandBuffer.IsPrintable(applied.Host) || Uri.CheckHostName(applied.Host) == UriHostNameType.Unknown)
        {
            wrong("Host", Printable(options.Host), "is neither a host name nor an IP address; a port goes into Smarthost:Port");
        }

        if (options.Port is < 1 or > 65535)
        {
            wrong("Port", options.Port.ToString(CultureInfo.InvariantCulture), "is no port; 465 is usual for TLS, 587 for STARTTLS");
        }

        if (!CommandBuffer.IsPrintable(options.HeloName) || options.HeloName.Contains(' ', StringComparison.Ordinal))
        {
            wrong("HeloName", Printable(options.HeloName), "holds a blank or a control character; it is one host name, for example relay.example.net");
        }
        else if (options.HeloName.Equals("localhost", StringComparison.OrdinalIgnoreCase))
        {
            wrong("HeloName", options.HeloName, "says nothing to the smarthost; use the host's full name, or leave it empty");
        }

        if (!System.Text.Ascii.IsValid(options.HeloName))
        {
            wrong("HeloName", options.HeloName, "has to be ASCII; write an internationalised name in its xn-- form");
        }

        if (!options.IsUnlimited && !options.Provider.Equals("Generic", StringComparison.OrdinalIgnoreCase))
        {
            wrong("Provider", Printable(options.Provider), "is not known; use Generic or Unlimited");
        }
    }

    private static void CheckLogin(SmarthostOptions options, SmarthostOptions applied, Action<string, string, string> wrong)
    {
        string[] passwords =
        [
            .. new[] { ("Password", options.Password), ("PasswordFile", options.PasswordFile), ("PasswordCommand", options.PasswordCommand) }
                .Where(source => source.Item2.Length > 0).Select(source => source.Item1),
        ];
        if (passwords.Length > 1)
        {
            wrong(passwords[1], "", $"is set beside Smarthost:{passwords[0]}; keep one of them");
        }

        if (options.AccessToken.Length > 0 && options.AccessTokenFile.Length > 0)
        {
            wrong("AccessTokenFile", options.AccessTokenFile, "is set beside Smarthost:AccessToken; keep one of them");
        }

        if (!CommandBuffer.IsPrintable(applied.Username))
        {
            wrong("Username", "", "holds a control character");
        }

        bool hasToken = options.AccessToken.Length + options.AccessTokenFile.Length > 0;
        bool hasPassword = passwords.Length > 0 || applied.Password.Length > 0;
        if (applied.Username.Length > 0 && !hasPassword && !hasToken && !Allows(options, "EXTERNAL"))
        {
            wrong("Username", applied.Username, "has no password; set Smarthost:PasswordFile, Smarthost:PasswordCommand or Smarthost:Password");
        }

        if (hasPassword && applied.Username.Length == 0)
        {
            wrong("Username", "", "is not set, but a password is");
        }

        if (applied.Tls == SmarthostTls.None && (hasPassword || hasToken) && !options.AllowPlaintextAuth && !IsLoopback(applied.Host))
        {
            wrong("Tls", "None", "would send the password in clear; use Implicit or StartTls, or permit it with Smarthost:AllowPlaintextAuth=true");
        }

        MustExist("PasswordFile", options.PasswordFile, wrong);
        MustExist("AccessTokenFile", options.AccessTokenFile, wrong);
        foreach (string mechanism in options.Mechanisms.Where(name => !SaslMechanisms.Names.Contains(name, StringComparer.OrdinalIgnoreCase)))
        {
            wrong("Mechanisms", Printable(mechanism), $"is not known; choose from {string.Join(", ", SaslMechanisms.Names)}");
        }
    }

    private static void CheckTrust(SmarthostOptions options, Action<string, string, string> wrong)
    {
        foreach (string pin in options.PinnedSpkiSha256.Where(pin => !IsPin(pin)))
        {
            wrong("PinnedSpkiSha256", Printable(pin), "is not the base64 of 32 octets; `relayproxy check --connect` shows the smarthost's");
        }

        if (MustExist("CaFile", options.CaFile, wrong))
        {
            try
            {
                var authorities = new X509Certificate2Collection();
                authorities.ImportFromPemFile(options.CaFile);
                if (authorities.Count == 0)
                {
                    wrong("CaFile", options.CaFile, "holds no certificate in PEM form");
                }
            }
            catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
            {
                wrong("CaFile", options.CaFile, $"cannot be read as PEM: {exception.Message}");
            }
        }

        if (options.ClientKeyFile.Length > 0 && options.ClientCertificateFile.Length == 0)
        {
            wrong("ClientKeyFile", options.ClientKeyFile, "needs Smarthost:ClientCertificateFile");
        }

        bool certificate = MustExist("ClientCertificateFile", options.ClientCertificateFile, wrong);
        bool key = MustExist("ClientKeyFile", options.ClientKeyFile, wrong) || options.ClientKeyFile.Length == 0;
        if (certificate && key)
        {
            try
            {
                ClientCertificate.Load(options)?.Dispose();
            }
            catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
            {
                wrong("ClientCertificateFile", options.ClientCertificateFile, $"and its key cannot be used: {exception.Message}");
            }
        }
    }

    private static void CheckBounds(SmarthostOptions options, Action<string, string, string> wrong)
    {
        void AtLeast(string key, int value, int least)
        {
            if (value < least)
            {
                wrong(key, value.ToString(CultureInfo.InvariantCulture), $"has to be {least} or more");
            }
        }

        void Wait(string key, TimeSpan value)
        {
            if (value <= TimeSpan.Zero || value > s_longest)
            {
                wrong(key, value.ToString("c", CultureInfo.InvariantCulture), "has to be more than nothing and at most a day, for example 00:05:00");
            }
        }

        AtLeast("MaxConnections", options.MaxConnections, 1);
        AtLeast("MaxMessagesPerConnection", options.MaxMessagesPerConnection, 0);
        AtLeast("MaxRecipientsPerTransaction", options.MaxRecipientsPerTransaction, 1);
        Wait("ConnectTimeout", options.ConnectTimeout);
        Wait("TlsTimeout", options.TlsTimeout);
        Wait("ReplyTimeout", options.ReplyTimeout);
        Wait("DataTimeout", options.DataTimeout);
        Wait("BlockTimeout", options.BlockTimeout);
        Wait("EndOfDataTimeout", options.EndOfDataTimeout);
        if (options.IdleClose < TimeSpan.Zero || options.IdleClose > s_longest)
        {
            wrong("IdleClose", options.IdleClose.ToString("c", CultureInfo.InvariantCulture), "has to be between nothing and a day, for example 00:00:05");
        }
    }

    private static bool MustExist(string key, string path, Action<string, string, string> wrong)
    {
        if (path.Length > 0 && !File.Exists(path))
        {
            wrong(key, Printable(path), "is not there, or may not be read by this user");
            return false;
        }

        return path.Length > 0;
    }

    private static bool Allows(SmarthostOptions options, string mechanism) =>
        options.ClientCertificateFile.Length > 0
        && (options.Mechanisms.Count == 0 || options.Mechanisms.Contains(mechanism, StringComparer.OrdinalIgnoreCase));

    private static bool IsPin(string pin)
    {
        Span<byte> digest = stackalloc byte[33];
        return pin.Length <= 64 && Convert.TryFromBase64String(pin, digest, out int octets) && octets == SHA256.HashSizeInBytes;
    }

    private static string Printable(string text) =>
        string.Concat(text.Select(letter => char.IsControl(letter) ? $"\\x{(int)letter:x2}" : letter.ToString()));
}
