using RelayProxy.Upstream;

namespace RelayProxy.Configuration.Import;

/// <summary>Exim's way to the smarthost. It took TLS where it was offered, and went without a login where that failed; here both are a must.</summary>
internal static class EximTransport
{
    public static void Read(Dictionary<string, (string Value, ImportLine Line)> values, ImportFiles files, ImportDraft draft)
    {
        if (!values.TryGetValue("dc_smarthost", out var smarthost) || smarthost.Value.Length == 0)
        {
            return;
        }

        string[] hosts = smarthost.Value.Split(';', StringSplitOptions.TrimEntries);
        string[] parts = hosts[0].Split("::", 2);
        int port = parts.Length > 1 ? ImportedSmarthost.Port(parts[1]) : 25;
        string tls = port == 465 || IsImplicit(files) ? nameof(SmarthostTls.Implicit) : nameof(SmarthostTls.StartTls);
        ImportedSmarthost.Set(draft, parts[0], port, tls);
        draft.Changed(smarthost.Line, $"dc_smarthost='{smarthost.Value}' → Smarthost:Host = {parts[0]}, Smarthost:Port = {port}, Smarthost:Tls = {tls}; "
            + "TLS is a must; MX records are not asked for");
        foreach (string other in hosts.Skip(1))
        {
            draft.Impossible(smarthost.Line, $"dc_smarthost {other}: there is one smarthost");
        }

        if (files.Find("passwd.client") is { } logins)
        {
            ReadLogin(parts[0], logins, draft);
        }
    }

    /// <summary><c>host:login:password</c>, <c>*</c> at the beginning of a host stands for anything.</summary>
    private static void ReadLogin(string host, string path, ImportDraft draft)
    {
        bool found = false;
        foreach (ImportLine line in ImportFiles.Lines(path))
        {
            string[] parts = line.Text.Split(':', 3);
            if (parts.Length < 3)
            {
                // Of what it says nothing is repeated: it may be a password.
                draft.Impossible(line, "it is not of the form host:login:password");
                continue;
            }

            if (found || !Matches(host, parts[0]))
            {
                draft.Impossible(line, $"{parts[0]}: there is one smarthost and one login");
                continue;
            }

            found = true;
            draft.Set("Smarthost:Username", parts[1]);
            draft.SetPassword(parts[2]);
            draft.Changed(line, $"{parts[0]} → Smarthost:Username = {parts[1]}, Smarthost:PasswordFile; the name in dc_smarthost decides, not the one its address has");
        }
    }

    private static bool Matches(string host, string pattern) => pattern.StartsWith('*')
        ? host.EndsWith(pattern[1..], StringComparison.OrdinalIgnoreCase)
        : host.Equals(pattern, StringComparison.OrdinalIgnoreCase);

    private static bool IsImplicit(ImportFiles files) =>
        files.Find("exim4.conf.localmacros") is { } macros
        && ImportFiles.Lines(macros).Any(line => line.Text.Replace(" ", "", StringComparison.Ordinal) == "REMOTE_SMTP_SMARTHOST_PROTOCOL=smtps");
}
