namespace RelayProxy.Commands.Manual;

/// <summary>Files and variables that several pages tell of.</summary>
internal static class Places
{
    public const string Settings = "/etc/relayproxy/relayproxy.json";
    public const string Password = "/etc/relayproxy/smtp_password";
    public const string Aliases = "/etc/aliases";
    public const string MailName = "/etc/mailname";
    public const string Queue = "/var/lib/relayproxy";
    public const string Digest = "/run/relayproxy/sendmail";

    private static readonly (string Path, string Meaning)[] s_files =
    [
        (Settings, "The settings: relayproxy.json(5). Root's, and readable for the group relayproxy (0640)."),
        (Password, "The customary place of the password; `Smarthost:PasswordFile` names it. Readable for nobody but the relay."),
        (Aliases, "Who stands behind a name of this machine; `Rewrite:AliasFile` names another file. Read again when it changes."),
        (MailName, "The domain of names that have none, where `Rewrite:Origin` is not set."),
        (Queue, "The queue. `Queue:Path` names another folder. Members of the group relayproxy may look at it, and put mail into it."),
        (Digest, "What a running relay tells the sendmail command: where to hand mail in."),
    ];

    private static readonly string[] s_ofServiceManagers = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "JOURNAL_STREAM"];

    public static ManPage WriteFiles(ManPage page, params IReadOnlyList<string> files)
    {
        page.Section("FILES");
        foreach ((string path, string meaning) in s_files.Where(entry => files.Contains(entry.Path)))
        {
            page.Item(Roff.Italic(path), meaning);
        }

        return page;
    }

    public static ManPage WriteEnvironment(ManPage page) => page.Section("ENVIRONMENT")
        .Item($"{Roff.Bold("RELAYPROXY_")}{Roff.Italic("Section")}{Roff.Bold("__")}{Roff.Italic("Key")}",
            "A setting: `RELAYPROXY_Smarthost__Host=smtp.example.net`. Items of a list are numbered: `RELAYPROXY_Listener__Endpoints__0`.")
        .Item(Roff.Bold("RELAYPROXY_CONFIG"), "The configuration file, as with `--config`.")
        .Item(Roff.Bold("RELAYPROXY_DMACONF"), "A dma.conf, as with `--dma`.")
        .Item(Roff.Bold("CREDENTIALS_DIRECTORY"), "Where systemd puts secrets (LoadCredential=); see relayproxy.json(5).")
        .Item(Roff.Bold("RUNTIME_DIRECTORY"), "The run-time folder that a service manager has made; without it nothing is written there.")
        .Item(Roff.Bold("XDG_STATE_HOME"), "Where a user who is neither root nor relayproxy has a queue.")
        .Item(string.Join(", ", s_ofServiceManagers.Select(Roff.Bold)), "What service managers say: sockets they have opened, and where they listen.")
        .Item(Roff.Bold("PATH"), "Where `install` looks for the tools of the system, before /usr/local/sbin, /usr/sbin and /sbin.")
        .Item(Roff.Bold("OTEL_EXPORTER_OTLP_ENDPOINT"), "A collector for metrics and traces, where `Telemetry:OtlpEndpoint` names none. OpenTelemetry's other variables hold too.")
        .Item(Roff.Bold("NO_COLOR"), "If set, nothing is coloured.")
        .Item(Roff.Bold("SOURCE_DATE_EPOCH"), "The time that `manual` dates its pages by.");
}
