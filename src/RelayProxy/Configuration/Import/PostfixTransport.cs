using RelayProxy.Upstream;

namespace RelayProxy.Configuration.Import;

/// <summary>The way out: relayhost, TLS, login.</summary>
internal static class PostfixTransport
{
    private const int ImplicitTlsPort = 465;

    private static readonly string[] s_done =
    [
        "relayhost", "smtp_tls_wrappermode", "smtp_tls_security_level", "smtp_use_tls", "smtp_enforce_tls", "smtp_sasl_auth_enable",
        "smtp_sasl_password_maps", "smtp_sasl_security_options", "smtp_sasl_tls_security_options", "smtp_sasl_mechanism_filter",
        "smtp_sender_dependent_authentication", "smtp_tls_CAfile", "smtp_tls_cert_file", "smtp_tls_key_file", "smtp_tls_fingerprint_cert_match",
        "smtp_tls_fingerprint_digest", "smtp_tls_loglevel", "smtp_tls_note_starttls_offer",
    ];

    /// <summary>Of what it says nothing is repeated: it may be a password.</summary>
    private const string NoLogin = "it is not of the form host user:password";

    public static void Read(PostfixParameters parameters, ImportFiles files, ImportDraft draft, HashSet<string> done)
    {
        done.UnionWith(s_done);
        bool hasLogin = parameters.IsYes("smtp_sasl_auth_enable");
        if (parameters.Find("relayhost") is not { Items.Count: > 0 } relayHost)
        {
            ImportLine line = parameters.Find("relayhost")?.Line ?? parameters.All.First().Line with { Number = 0 };
            draft.Impossible(line, "relayhost: it is not set, and mail was delivered to the recipients' own servers; name a smarthost as Smarthost:Host");
        }
        else
        {
            ReadRelayHost(relayHost, parameters, hasLogin, draft);
            if (hasLogin)
            {
                ReadLogin(parameters, relayHost.Items[0], files, draft);
            }
        }

        ReadCertificates(parameters, draft);
        foreach (string name in (string[])["smtp_tls_loglevel", "smtp_tls_note_starttls_offer", "smtp_sasl_security_options", "smtp_sasl_tls_security_options"])
        {
            if (parameters.Find(name) is { } needless)
            {
                draft.Dropped(needless.Line, $"{needless}: the safest login that both sides know is taken");
            }
        }
    }

    private static void ReadRelayHost(PostfixParameter relayHost, PostfixParameters parameters, bool hasLogin, ImportDraft draft)
    {
        (string host, int port) = HostAndPort(relayHost.Items[0]);
        if (port == 0)
        {
            draft.Impossible(relayHost.Line, $"{relayHost}: its port is none");
            return;
        }

        (string tls, string? difference) = Tls(parameters, port, hasLogin);
        ImportedSmarthost.Set(draft, host, port, tls);
        string told = $"{relayHost} → Smarthost:Host = {host}, Smarthost:Port = {port}, Smarthost:Tls = {tls}";
        if (!relayHost.Items[0].StartsWith('[') && !System.Net.IPAddress.TryParse(host, out _))
        {
            draft.Changed(relayHost.Line, told + "; it is connected to itself, its MX records are not asked for");
        }
        else
        {
            draft.Kept(relayHost.Line, told);
        }

        foreach (string other in relayHost.Items.Skip(1))
        {
            draft.Impossible(relayHost.Line, $"relayhost {other}: there is one smarthost");
        }

        foreach (string name in (string[])["smtp_tls_wrappermode", "smtp_tls_security_level", "smtp_use_tls", "smtp_enforce_tls"])
        {
            if (parameters.Find(name) is { } parameter)
            {
                string what = $"{parameter} → Smarthost:Tls = {tls}";
                (difference is null ? (Action<ImportLine, string>)draft.Kept : draft.Changed)(parameter.Line, what + difference);
            }
        }
    }

    /// <summary>What TLS becomes, and what is other than before.</summary>
    private static (string Tls, string? Difference) Tls(PostfixParameters parameters, int port, bool hasLogin)
    {
        if (parameters.IsYes("smtp_tls_wrappermode") || port == ImplicitTlsPort)
        {
            return (nameof(SmarthostTls.Implicit), null);
        }

        string level = parameters.Text("smtp_tls_security_level");
        level = level.Length > 0 ? level
            : parameters.IsYes("smtp_enforce_tls") ? "encrypt"
            : parameters.IsYes("smtp_use_tls") ? "may" : "none";
        return level switch
        {
            "none" when hasLogin => (nameof(SmarthostTls.StartTls), "; a password is not sent in clear"),
            "none" => (nameof(SmarthostTls.None), null),
            "may" or "dane" => (nameof(SmarthostTls.StartTls), "; TLS is a must, and the certificate is checked"),
            "encrypt" => (nameof(SmarthostTls.StartTls), "; the certificate is checked"),
            _ => (nameof(SmarthostTls.StartTls), null),
        };
    }

    private static void ReadLogin(PostfixParameters parameters, string relayHost, ImportFiles files, ImportDraft draft)
    {
        draft.Kept(parameters.Find("smtp_sasl_auth_enable")!.Line, "smtp_sasl_auth_enable = yes: there is a login");
        if (parameters.Find("smtp_sender_dependent_authentication") is { Value: "yes" } dependent)
        {
            draft.Impossible(dependent.Line, $"{dependent}: there is one login for all senders");
        }

        if (parameters.Find("smtp_sasl_mechanism_filter") is { } filter)
        {
            draft.Set("Smarthost:Mechanisms", SettingValue.List([.. filter.Items.Select(item => item.ToUpperInvariant())]));
            draft.Kept(filter.Line, $"{filter} → Smarthost:Mechanisms");
        }

        if (parameters.Find("smtp_sasl_password_maps") is not { } maps)
        {
            return;
        }

        if (maps.Value.StartsWith("static:", StringComparison.Ordinal))
        {
            TakeLogin(maps.Line, maps.Value["static:".Length..], draft);
            return;
        }

        string[] keys = [relayHost, HostAndPort(relayHost).Host];
        List<ImportLine> lines = PostfixTables.Lines(maps, files, draft);
        ImportLine? found = keys.Select(key => lines.Find(line => PostfixTables.Split(line).Key == key)).FirstOrDefault(line => line is not null);
        foreach (ImportLine line in lines.Where(line => line != found))
        {
            (string key, string login) = PostfixTables.Split(line);
            draft.Impossible(line, login.Length > 0 ? $"{key}: there is one smarthost and one login" : NoLogin);
        }

        if (found is not null)
        {
            TakeLogin(found, PostfixTables.Split(found).Value, draft);
            draft.Kept(maps.Line, $"{maps.Name}: the login for {relayHost}");
        }
        else if (lines.Count > 0)
        {
            draft.Impossible(maps.Line, $"{maps.Name}: it has no login for {relayHost}");
        }
    }

    private static void TakeLogin(ImportLine line, string login, ImportDraft draft)
    {
        string[] parts = login.Split(':', 2);
        if (parts.Length < 2)
        {
            draft.Impossible(line, NoLogin);
            return;
        }

        draft.Set("Smarthost:Username", parts[0]);
        draft.SetPassword(parts[1]);
        draft.Kept(line, $"login → Smarthost:Username = {parts[0]}, Smarthost:PasswordFile");
    }

    private static void ReadCertificates(PostfixParameters parameters, ImportDraft draft)
    {
        foreach ((string name, string key) in ((string, string)[])
            [("smtp_tls_CAfile", "Smarthost:CaFile"), ("smtp_tls_cert_file", "Smarthost:ClientCertificateFile"), ("smtp_tls_key_file", "Smarthost:ClientKeyFile")])
        {
            if (parameters.Find(name) is not { Value.Length: > 0 } parameter)
            {
                continue;
            }

            if (parameter.Value == ImportedFiles.SystemAuthorities)
            {
                draft.Dropped(parameter.Line, $"{parameter}: the system's authorities are trusted");
            }
            else
            {
                draft.Keep(parameter.Line, name, key, parameter.Value);
            }
        }

        foreach (string digest in parameters.Find("smtp_tls_fingerprint_cert_match")?.Value.Split([' ', ',', '|'], StringSplitOptions.RemoveEmptyEntries) ?? [])
        {
            ImportLine line = parameters.Find("smtp_tls_fingerprint_cert_match")!.Line;
            if (CertificatePin.Parse(digest) is { } pin)
            {
                draft.Add("Smarthost:PinnedCertificateSha256", pin);
                draft.Kept(line, "smtp_tls_fingerprint_cert_match → Smarthost:PinnedCertificateSha256");
            }
            else
            {
                draft.Impossible(line, $"smtp_tls_fingerprint_cert_match {digest}: only SHA-256 digests of certificates are compared");
            }
        }

        if (parameters.Find("smtp_tls_fingerprint_digest") is { } algorithm)
        {
            draft.Dropped(algorithm.Line, $"{algorithm}: SHA-256 is meant");
        }
    }

    /// <summary><c>[host]:port</c>, <c>host:port</c>, <c>host</c>. Port 0 if it is none.</summary>
    private static (string Host, int Port) HostAndPort(string text)
    {
        int bracket = text.IndexOf(']', StringComparison.Ordinal);
        int colon = text.IndexOf(':', Math.Max(bracket, 0));
        string host = (colon < 0 ? text : text[..colon]).Trim('[', ']');
        return (host, colon < 0 ? 25 : ImportedSmarthost.Port(text[(colon + 1)..]));
    }
}
