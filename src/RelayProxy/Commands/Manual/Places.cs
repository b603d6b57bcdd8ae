namespace RelayProxy.Commands.Manual;

/// <summary>Files and variables that several pages tell of.</summary>
internal static class Places
{
    public static ManPage WriteFiles(ManPage page) => page.Section("FILES")
        .Item(Roff.Italic("/etc/relayproxy/relayproxy.json"), "The settings: relayproxy.json(5). May belong to root and be readable for the group relayproxy (0640).")
        .Item(Roff.Italic("/etc/relayproxy/smtp_password"), "The customary place of the password; `Smarthost:PasswordFile` names it. Readable for nobody but the relay.")
        .Item(Roff.Italic("/etc/aliases"), "Who stands behind a name of this machine; `Rewrite:AliasFile` names another file. Read again when it changes.")
        .Item(Roff.Italic("/etc/mailname"), "The domain of names that have none, where `Rewrite:Origin` is not set.")
        .Item(Roff.Italic("/var/lib/relayproxy"), "The queue. `Queue:Path` names another folder. Members of the group relayproxy may look at it, and put mail into it.")
        .Item(Roff.Italic("/run/relayproxy/sendmail"), "What a running relay tells the sendmail command: where to hand mail in.");

    public static ManPage WriteEnvironment(ManPage page) => page.Section("ENVIRONMENT")
        .Item($"{Roff.Bold("RELAYPROXY_")}{Roff.Italic("Section")}{Roff.Bold("__")}{Roff.Italic("Key")}",
            "A setting: `RELAYPROXY_Smarthost__Host=smtp.example.net`. Items of a list are numbered: `RELAYPROXY_Listener__Endpoints__0`.")
        .Item(Roff.Bold("RELAYPROXY_CONFIG"), "The configuration file, as with `--config`.")
        .Item(Roff.Bold("RELAYPROXY_DMACONF"), "A dma.conf, as with `--dma`.")
        .Item(Roff.Bold("CREDENTIALS_DIRECTORY"), "Where systemd puts secrets (LoadCredential=); see relayproxy.json(5).")
        .Item(Roff.Bold("RUNTIME_DIRECTORY"), "The run-time folder that a service manager has made; without it nothing is written there.")
        .Item(Roff.Bold("XDG_STATE_HOME"), "Where a user who is neither root nor relayproxy has a queue.")
        .Item(Roff.Bold("NO_COLOR"), "If set, nothing is coloured.");
}
