using RelayProxy.Upstream;
using RelayProxy.Upstream.Sasl;

namespace RelayProxy.Configuration.Import;

/// <summary>msmtp's host, port, TLS and login. It checks certificates itself; where it was told not to, here it is done all the same.</summary>
internal static class MsmtpTransport
{
    public static void Read(MsmtpAccount account, ImportDraft draft)
    {
        bool tls = account.Take("tls") is { } switchedOn ? Told(switchedOn, draft) : false;
        bool startTls = account.Take("tls_starttls") is { } start ? Told(start, draft) : true;
        int port = tls && !startTls ? 465 : 25;
        if (account.Take("port") is { } given)
        {
            port = ImportedSmarthost.Port(given.Value);
            draft.Kept(given.Line, $"port {given.Value} → Smarthost:Port = {port}");
        }

        string mode = !tls ? nameof(SmarthostTls.None) : startTls ? nameof(SmarthostTls.StartTls) : nameof(SmarthostTls.Implicit);
        if (account.Take("host") is { } host)
        {
            ImportedSmarthost.Set(draft, host.Value, port, mode);
            draft.Kept(host.Line, $"host {host.Value} → Smarthost:Host, Smarthost:Tls = {mode}");
        }

        ReadTrust(account, draft);
        if (account.Take("auth") is { } auth)
        {
            string mechanism = auth.Value.ToUpperInvariant();
            if (SaslMechanisms.Names.Contains(mechanism))
            {
                draft.Set("Smarthost:Mechanisms", SettingValue.List([mechanism]));
                draft.Kept(auth.Line, $"{auth} → Smarthost:Mechanisms = {mechanism}");
            }
            else if (mechanism is "" or "ON" or "OFF")
            {
                draft.Kept(auth.Line, $"{auth}: there {(mechanism == "OFF" ? "is none" : "is a login where there is a user")}");
            }
            else
            {
                draft.Impossible(auth.Line, $"{auth}: this mechanism is not known; it is chosen among {string.Join(", ", SaslMechanisms.Names)}");
            }
        }
    }

    private static void ReadTrust(MsmtpAccount account, ImportDraft draft)
    {
        if (account.Take("tls_trust_file") is { } trust)
        {
            if (trust.Value is "system" or ImportedFiles.SystemAuthorities)
            {
                draft.Dropped(trust.Line, $"{trust}: the system's authorities are trusted");
            }
            else
            {
                draft.Keep(trust.Line, trust.Name, "Smarthost:CaFile", trust.Value);
            }
        }

        if (account.Take("tls_certcheck") is { } check)
        {
            (check.IsOn ? (Action<ImportLine, string>)draft.Kept : draft.Changed)(check.Line, check.IsOn
                ? $"{check}: that is how it is here"
                : $"{check}: the certificate is checked all the same; of one that nobody vouches for, pin the digest");
        }

        if (account.Take("tls_fingerprint") is { } fingerprint)
        {
            if (CertificatePin.Parse(fingerprint.Value) is { } digest)
            {
                draft.Set("Smarthost:PinnedCertificateSha256", SettingValue.List([digest]));
                draft.Kept(fingerprint.Line, "tls_fingerprint → Smarthost:PinnedCertificateSha256");
            }
            else
            {
                draft.Impossible(fingerprint.Line, $"{fingerprint}: only SHA-256 digests of certificates are compared");
            }
        }

        foreach ((string name, string key) in ((string, string)[])
            [("tls_cert_file", "Smarthost:ClientCertificateFile"), ("tls_key_file", "Smarthost:ClientKeyFile")])
        {
            if (account.Take(name) is { } file)
            {
                draft.Keep(file.Line, name, key, file.Value);
            }
        }
    }

    private static bool Told(MsmtpCommand command, ImportDraft draft)
    {
        draft.Kept(command.Line, $"{command} → Smarthost:Tls");
        return command.IsOn;
    }
}
