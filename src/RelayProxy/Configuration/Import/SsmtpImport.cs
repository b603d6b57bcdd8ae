using RelayProxy.Upstream;

namespace RelayProxy.Configuration.Import;

/// <summary>ssmtp: ssmtp.conf (<c>Key=value</c>, keys without regard to case) and revaliases. It never checked a certificate; here it is done.</summary>
internal static class SsmtpImport
{
    public static void Read(ImportFiles files, ImportDraft draft)
    {
        ImportedSmarthost.SetNullClient(draft);
        var values = new Dictionary<string, (string Value, ImportLine Line)>(StringComparer.OrdinalIgnoreCase);
        foreach (ImportLine line in ImportFiles.Lines(files.Require("ssmtp.conf")))
        {
            string[] parts = line.Text.Split('=', 2, StringSplitOptions.TrimEntries);
            values[parts[0]] = (parts.Length > 1 ? parts[1] : "", line);
        }

        ReadTransport(values, draft);
        foreach ((string name, (string value, ImportLine line)) in values)
        {
            Take(name.ToUpperInvariant(), name, value, line, draft);
        }

        if (files.Find("revaliases") is { } senders)
        {
            foreach (ImportLine line in ImportFiles.Lines(senders))
            {
                ReadSender(line, draft);
            }
        }
    }

    private static void ReadTransport(Dictionary<string, (string Value, ImportLine Line)> values, ImportDraft draft)
    {
        if (!values.TryGetValue("mailhub", out var hub))
        {
            return;
        }

        string[] parts = hub.Value.Split(':', 2);
        int port = parts.Length > 1 ? ImportedSmarthost.Port(parts[1]) : 25;
        bool hasLogin = values.ContainsKey("AuthUser");
        bool tls = IsYes("UseTLS") || port == 465;
        string mode = IsYes("UseSTARTTLS") ? nameof(SmarthostTls.StartTls)
            : tls ? nameof(SmarthostTls.Implicit)
            : hasLogin ? nameof(SmarthostTls.StartTls)
            : nameof(SmarthostTls.None);
        ImportedSmarthost.Set(draft, parts[0], port, mode);
        string told = $"mailhub={hub.Value} → Smarthost:Host = {parts[0]}, Smarthost:Port = {port}, Smarthost:Tls = {mode}";
        if (mode == nameof(SmarthostTls.None))
        {
            draft.Kept(hub.Line, told);
        }
        else
        {
            draft.Changed(hub.Line, told + "; the certificate is checked" + (tls || IsYes("UseSTARTTLS") ? "" : ", and a password is not sent in clear"));
        }

        bool IsYes(string name) => values.TryGetValue(name, out var found) && found.Value.Equals("yes", StringComparison.OrdinalIgnoreCase);
    }

    private static void Take(string key, string name, string value, ImportLine line, ImportDraft draft)
    {
        switch (key)
        {
            case "MAILHUB":
                break;
            case "USETLS" or "USESTARTTLS":
                draft.Kept(line, $"{name}={value} → Smarthost:Tls");
                break;
            case "AUTHUSER":
                draft.Keep(line, name, "Smarthost:Username", value);
                break;
            case "AUTHPASS":
                draft.SetPassword(value);
                draft.Kept(line, $"{name} → Smarthost:PasswordFile");
                break;
            case "AUTHMETHOD":
                draft.Keep(line, name, "Smarthost:Mechanisms", value.ToUpperInvariant());
                break;
            case "HOSTNAME":
                draft.Set("Intake:HostName", value);
                draft.Set("Smarthost:HeloName", value);
                draft.Keep(line, name, "Rewrite:Origin", value);
                break;
            case "REWRITEDOMAIN" when value.Length > 0:
                draft.Keep(line, name, "Rewrite:Masquerade", value);
                break;
            case "ROOT" when value.Contains('@', StringComparison.Ordinal):
                draft.Set("Delivery:PostmasterAddress", value);
                draft.Changed(line, $"{name}={value} → Delivery:PostmasterAddress; it gets root's and postmaster's mail, other users' goes to the smarthost");
                break;
            case "ROOT":
                draft.Impossible(line, $"{name}={value}: name the person who reads root's mail as Delivery:PostmasterAddress");
                break;
            case "TLS_CA_FILE":
                draft.Keep(line, name, "Smarthost:CaFile", value);
                break;
            case "TLSCERT":
                draft.Keep(line, name, "Smarthost:ClientCertificateFile", value);
                break;
            case "TLSKEY":
                draft.Keep(line, name, "Smarthost:ClientKeyFile", value);
                break;
            case "FROMLINEOVERRIDE" or "DEBUG" or "MINUSERID" or "REWRITEDOMAIN" or "USEOLDAUTH" or "USETLSCERT":
                draft.Dropped(line, $"{name}={value}: nothing here needs it");
                break;
            default:
                draft.Impossible(line, $"{ImportDraft.Told(name, $"{name}={value}")}: it has no equivalent");
                break;
        }
    }

    /// <summary><c>local_account:outgoing_address[:mailhub]</c></summary>
    private static void ReadSender(ImportLine line, ImportDraft draft)
    {
        string[] parts = line.Text.Split(':', 3, StringSplitOptions.TrimEntries);
        if (parts.Length < 2)
        {
            draft.Impossible(line, $"{line.Text}: it is not of the form user:address");
            return;
        }

        draft.Add("Rewrite:SenderMap", $"{parts[0]} {parts[1]}");
        string told = $"{line.Text} → Rewrite:SenderMap";
        (parts.Length > 2 ? (Action<ImportLine, string>)draft.Changed : draft.Kept)(line, parts.Length > 2 ? told + "; there is one smarthost for all senders" : told);
    }
}
