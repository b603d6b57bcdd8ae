using RelayProxy.Configuration.Import;

namespace RelayProxy.Unit.Configuration.Import;

/// <summary>Where other programs' configurations say the same in many ways. (Whole ones are in Transcripts/Commands/Import.)</summary>
public sealed class ImportTests : IDisposable
{
    private readonly ImportFolder _import = new();

    public void Dispose() => _import.Dispose();

    [Theory]
    [InlineData("relayhost = [smtp.example.net]", "smtp.example.net 25 None", "Kept")]
    [InlineData("relayhost = [smtp.example.net]:submission", "smtp.example.net 587 None", "Kept")]
    [InlineData("relayhost = [smtp.example.net]:465", "smtp.example.net 465 Implicit", "Kept")]
    [InlineData("relayhost = [smtp.example.net]:2465|smtp_tls_wrappermode = yes|smtp_tls_security_level = encrypt", "smtp.example.net 2465 Implicit", "Kept")]
    [InlineData("relayhost = [smtp.example.net]:587|smtp_tls_security_level = secure", "smtp.example.net 587 StartTls", "Kept")]
    [InlineData("relayhost = [smtp.example.net]:587|smtp_use_tls = yes", "smtp.example.net 587 StartTls", "Kept")]
    [InlineData("relayhost = smtp.example.net", "smtp.example.net 25 None", "Changed")]    // its MX records were asked for
    [InlineData("relayhost = 192.0.2.1", "192.0.2.1 25 None", "Kept")]
    [InlineData("relayhost = [a.example.net], [b.example.net]", "a.example.net 25 None", "Kept Impossible")]
    [InlineData("relayhost = $mydomain|myhostname = web1.example.net", "example.net 25 None", "Changed")]
    [InlineData("relayhost = [smtp.$mydomain]:${port}|mydomain = example.net|port = 26", "smtp.example.net 26 None", "Kept")]
    [InlineData("relayhost =", "  ", "Impossible")]
    [InlineData("relayhost = [smtp.example.net]:high", "  ", "Impossible")]
    public void Postfix_names_its_relay_in_many_ways(string lines, string smarthost, string verdict)
    {
        _import.Read("postfix", "main.cf", lines.Replace('|', '\n'));

        Assert.Equal((smarthost, verdict), (_import.Smarthost, _import.Verdict(1)));
    }

    [Theory]
    [InlineData("hash:/etc/postfix/sasl_passwd", "box", "se:cret")]
    [InlineData("texthash:/etc/postfix/sasl_passwd", "box", "se:cret")]
    [InlineData("static:all:secret", "all", "secret")]
    [InlineData("mysql:/etc/postfix/sql.cf", null, null)]
    public void Postfix_finds_its_login_by_relayhost_or_by_host(string maps, string? user, string? password)
    {
        _import.Write("sasl_passwd", "# logins\n[other.example.net] other:secret\nsmtp.example.net box:se:cret\n");
        _import.Read("postfix", "main.cf", $"relayhost = [smtp.example.net]:587\nsmtp_sasl_auth_enable = yes\nsmtp_sasl_password_maps = {maps}\n");

        // A login makes TLS a must, whatever main.cf says of it.
        Assert.Equal(("smtp.example.net 587 StartTls", user), (_import.Smarthost, _import["Smarthost:Username"]));
        Assert.Equal(password, _import.Draft.Secrets.SingleOrDefault()?.Text);
        Assert.Equal(user is null ? "Impossible" : "Kept", _import.Verdict(3));
    }

    [Theory]
    [InlineData("msmtp", "msmtprc", "passwrd hunter2")]
    [InlineData("msmtp", "msmtprc", "password=hunter2")]
    [InlineData("msmtp", "msmtprc", "password hunter2\npassword hunter2")]
    [InlineData("ssmtp", "ssmtp.conf", "AuthPassword=hunter2")]
    [InlineData("ssmtp", "ssmtp.conf", "AuthPass hunter2")]
    [InlineData("postfix", "main.cf", "smtp_sasl_password_maps = static:box:hunter2")]
    [InlineData("postfix", "main.cf", "relayhost = [smtp.example.net]\nsmtp_sasl_auth_enable = yes\nsmtp_sasl_password_maps = static:hunter2")]
    [InlineData("nullmailer", "remotes", "smtp.example.net --user=box --pass=hunter2")]
    [InlineData("nullmailer", "remotes", "smtp.example.net smtp --user=box --pass hunter2")]
    [InlineData("nullmailer", "remotes", "smtp.example.net smtp --user=box --pass='hunter2")]
    public void A_password_in_a_line_that_is_not_quite_right_is_not_told(string program, string name, string text)
    {
        _import.Read(program, name, text + "\n");

        Assert.NotEmpty(_import.Draft.Notes);
        Assert.DoesNotContain(_import.Draft.Notes, note => note.Text.Contains("hunter2", StringComparison.Ordinal));
    }

    [Fact]
    public void Nor_is_one_in_a_table_of_logins()
    {
        _import.Write("sasl_passwd", "smtp.example.net:box:hunter2\n[smtp.example.net] hunter2\n");
        _import.Read("postfix", "main.cf", "relayhost = [smtp.example.net]\nsmtp_sasl_auth_enable = yes\nsmtp_sasl_password_maps = hash:/etc/postfix/sasl_passwd\n");

        Assert.DoesNotContain(_import.Draft.Notes, note => note.Text.Contains("hunter2", StringComparison.Ordinal));
        Assert.DoesNotContain(_import.Draft.Settings, setting => setting.Value.Text.Contains("hunter2", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("mydestination =", "None", "", "Qualify")]
    [InlineData("local_transport = error:local mail delivery is disabled", "None", "", "Qualify")]
    [InlineData("mydestination = localhost", "Mbox", "/etc/aliases", null)]
    [InlineData("home_mailbox = Maildir/", "Maildir", "/etc/aliases", null)]
    [InlineData("mailbox_transport = lmtp:unix:private/dovecot-lmtp", "Lmtp", "/etc/aliases", null)]
    public void Postfix_keeps_mail_here_unless_it_is_a_null_client(string line, string delivery, string aliases, string? unknown)
    {
        _import.Read("postfix", "main.cf", $"relayhost = [smtp.example.net]\nalias_maps = hash:/etc/aliases, nis:mail.aliases\n{line}\n");

        Assert.Equal((delivery, aliases, unknown), (_import["Local:Delivery"], _import["Rewrite:AliasFile"], _import["Rewrite:UnknownLocal"]));
        Assert.DoesNotContain(_import.Problems(), problem => problem.Key != "Local:Delivery");
    }

    [Theory]
    [InlineData("maximal_queue_lifetime = 5", "Queue:GiveUpAfter", "5d")]
    [InlineData("maximal_queue_lifetime = 1w", "Queue:GiveUpAfter", "7d")]
    [InlineData("delay_warning_time = 4", "Queue:DelayNoticeAfter", "4h")]
    [InlineData("minimal_backoff_time = 300s", "Delivery:FirstRetry", "5m")]
    [InlineData("message_size_limit = 0", "Listener:MaxMessageOctets", "1GiB")]
    [InlineData("luser_relay = admin@example.net", "Rewrite:UnknownLocal", "admin@example.net")]
    [InlineData("luser_relay = $user@other.example.net", "Rewrite:UnknownLocal", null)]
    [InlineData("masquerade_domains = example.net\nmasquerade_classes = envelope_sender", "Rewrite:MasqueradeScope", "Envelope")]
    [InlineData("masquerade_domains = example.net", "Rewrite:MasqueradeRecipients", "true")]
    [InlineData("inet_interfaces = all", "Listener:Endpoints", null)]
    public void Postfix_has_units_and_defaults_of_its_own(string line, string key, string? value)
    {
        _import.Read("postfix", "main.cf", $"relayhost = [smtp.example.net]\n{line}\n");

        Assert.Equal(value, _import[key]);
        Assert.Empty(_import.Problems());
    }

    [Fact]
    public void What_postconf_prints_will_do_and_the_last_of_two_counts()
    {
        _import.Read("postfix", "main.cf", "alias_maps = hash:/etc/aliases\nrelayhost = [old.example.net]\nrelayhost = [smtp.example.net]\n");

        Assert.Equal("smtp.example.net 25 None", _import.Smarthost);
        Assert.Equal(("Dropped", "Kept"), (_import.Verdict(2), _import.Verdict(3)));
    }

    [Theory]
    [InlineData("smtp.example.net::587", "smtp.example.net 587 StartTls")]
    [InlineData("smtp.example.net", "smtp.example.net 25 StartTls")]
    [InlineData("smtp.example.net::465", "smtp.example.net 465 Implicit")]
    [InlineData("smtp.example.net::submission;backup.example.net", "smtp.example.net 587 StartTls")]
    public void Exim_writes_two_colons_before_a_port(string smarthost, string expected)
    {
        _import.Read("exim", "update-exim4.conf.conf", $"dc_eximconfig_configtype='smarthost'\ndc_smarthost='{smarthost}'\n");

        Assert.Equal(expected, _import.Smarthost);
        Assert.Equal(smarthost.Contains(';', StringComparison.Ordinal) ? "Changed Impossible" : "Changed", _import.Verdict(2));
    }

    [Theory]
    [InlineData("smarthost", "Mbox", null, null)]
    [InlineData("satellite", "None", "Qualify", "example.net")]
    [InlineData("internet", "Mbox", null, null)]
    public void Exim_as_a_satellite_keeps_nothing(string type, string delivery, string? unknown, string? origin)
    {
        _import.Write("exim4.conf.localmacros", "REMOTE_SMTP_SMARTHOST_PROTOCOL = smtps\n");
        _import.Write("passwd.client", "# passwords\n\n\n\n\n*:box:secret\n");
        _import.Read("exim", "update-exim4.conf.conf",
            $"dc_eximconfig_configtype='{type}'\ndc_smarthost='smtp.example.net::2465'\ndc_localdelivery='mail_spool'\ndc_readhost='example.net'\n");

        Assert.Equal("smtp.example.net 2465 Implicit", _import.Smarthost);
        Assert.Equal((delivery, unknown, origin), (_import["Local:Delivery"], _import["Rewrite:UnknownLocal"], _import["Rewrite:Origin"]));
        Assert.Equal(("box", "secret"), (_import["Smarthost:Username"], Assert.Single(_import.Draft.Secrets).Text));
        Assert.Equal(type == "internet" ? "Impossible" : "Kept", _import.Verdict(1));
    }

    [Theory]
    [InlineData("host smtp.example.net", "smtp.example.net 25 None")]
    [InlineData("host smtp.example.net|tls on", "smtp.example.net 25 StartTls")]
    [InlineData("host smtp.example.net|tls|tls_starttls off", "smtp.example.net 465 Implicit")]
    [InlineData("host smtp.example.net|tls off|tls_starttls off", "smtp.example.net 25 None")]
    [InlineData("account a|host a.example.net|account b|host b.example.net", "a.example.net 25 None")]
    [InlineData("defaults|tls on|account a|host a.example.net|account b : a|port 587|account default : b", "a.example.net 587 StartTls")]
    [InlineData("account default|host \"smtp.example.net\"", "smtp.example.net 25 None")]
    public void Msmtp_has_accounts_that_inherit(string lines, string smarthost)
    {
        _import.Read("msmtp", "msmtprc", lines.Replace('|', '\n'));

        Assert.Equal(smarthost, _import.Smarthost);
        Assert.Empty(_import.Problems());
    }

    [Theory]
    [InlineData("pass show mail", "pass show mail")]
    [InlineData("gpg -q -d ~/.password.gpg", "/bin/sh -c 'gpg -q -d ~/.password.gpg'")]
    [InlineData("echo 'x' | cat", "/bin/sh -c \"echo 'x' | cat\"")]
    public void Msmtp_gives_its_command_to_a_shell(string command, string expected)
    {
        _import.Read("msmtp", "msmtprc", $"host smtp.example.net\ntls on\nuser box\npasswordeval {command}\n");

        Assert.Equal(expected, _import["Smarthost:PasswordCommand"]);
        Assert.Empty(_import.Problems());
    }

    [Theory]
    [InlineData("tls_fingerprint 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33", "Impossible")] // SHA-1
    [InlineData("auth gssapi", "Impossible")]
    [InlineData("auth off", "Kept")]
    [InlineData("from %U@example.net", "Impossible")]
    [InlineData("tls_crl_file /etc/crl.pem", "Impossible")]
    [InlineData("syslog LOG_MAIL", "Dropped")]
    public void Msmtp_can_do_things_that_are_not_done_here(string line, string verdict)
    {
        _import.Read("msmtp", "msmtprc", $"host smtp.example.net\n{line}\n");

        Assert.Equal(verdict, _import.Verdict(2));
        Assert.Empty(_import.Problems());
    }

    [Theory]
    [InlineData("mailhub=mail", "mail 25 None")]                                                     // as Debian's package leaves it
    [InlineData("mailhub=smtp.example.net:465", "smtp.example.net 465 Implicit")]
    [InlineData("MailHub=smtp.example.net:465\nUseTLS=Yes", "smtp.example.net 465 Implicit")]
    [InlineData("mailhub=smtp.example.net:587\nUseTLS=YES\nUseSTARTTLS=YES", "smtp.example.net 587 StartTls")]
    [InlineData("mailhub=smtp.example.net\nAuthUser=box\nAuthPass=secret", "smtp.example.net 25 StartTls")]
    public void Ssmtp_says_how_TLS_begins_with_two_switches(string lines, string smarthost)
    {
        _import.Read("ssmtp", "ssmtp.conf", lines);

        Assert.Equal(smarthost, _import.Smarthost);
        Assert.Empty(_import.Problems());
    }

    [Theory]
    [InlineData("smtp.example.net", "smtp.example.net 25 None")]
    [InlineData("smtp.example.net smtp", "smtp.example.net 25 None")]
    [InlineData("smtp.example.net smtp --ssl", "smtp.example.net 465 Implicit")]
    [InlineData("smtp.example.net smtp --port=587 --starttls --insecure", "smtp.example.net 587 StartTls")]
    [InlineData("smtp.example.net smtp --user='a b' --pass=\"c d\" --starttls", "smtp.example.net 25 StartTls")]
    public void Nullmailers_remotes_have_options(string line, string smarthost)
    {
        _import.Read("nullmailer", "remotes", line + "\n");

        Assert.Equal(smarthost, _import.Smarthost);
        Assert.Empty(_import.Problems());
    }

    [Fact]
    public void Several_people_at_adminaddr_are_an_alias_here()
    {
        _import.Write("remotes", "smtp.example.net smtp --ssl\n");
        _import.Read("nullmailer", "adminaddr", "one@example.net, two@example.net\n");

        Assert.Equal("one@example.net", _import["Rewrite:UnknownLocal"]);
        Assert.Contains(_import.Draft.Notes, note => note is { Verdict: ImportVerdict.Changed } && note.File.EndsWith("adminaddr", StringComparison.Ordinal));
    }

    [Fact]
    public void What_dma_would_do_unsafely_is_impossible()
    {
        _import.Read("dma", "dma.conf", "SMARTHOST smtp.example.net\nOPPORTUNISTIC_TLS\nSECURE\n");

        Assert.Equal(("Impossible", "Impossible"), (_import.Verdict(2), _import.Verdict(3)));
    }

    [Theory]
    [InlineData("dma")]
    [InlineData("postfix")]
    [InlineData("exim")]
    [InlineData("msmtp")]
    [InlineData("ssmtp")]
    [InlineData("nullmailer")]
    public void Where_there_is_nothing_to_import_that_is_said(string program) =>
        Assert.StartsWith("There is no ", Assert.Throws<FileNotFoundException>(() => _import.Read(program)).Message, StringComparison.Ordinal);

    [Fact]
    public void No_note_holds_a_secret()
    {
        const string secret = "hunter2";
        _import.Write("sasl_passwd", $"smtp.example.net box:{secret}\n");
        _import.Write("main.cf", "relayhost = smtp.example.net\nsmtp_sasl_auth_enable = yes\nsmtp_sasl_password_maps = hash:/etc/sasl_passwd\n");
        _import.Write("update-exim4.conf.conf", "dc_smarthost='smtp.example.net'\n");
        _import.Write("passwd.client", $"smtp.example.net:box:{secret}\nbroken {secret}\n");
        _import.Write("msmtprc", $"host smtp.example.net\npassword old\npassword {secret}\n");
        _import.Write("ssmtp.conf", $"mailhub=smtp.example.net\nAuthPass={secret}\n");
        _import.Write("remotes", $"smtp.example.net smtp --pass={secret}\nother.example.net smtp --pass={secret}\n");
        foreach (string program in (string[])["postfix", "exim", "msmtp", "ssmtp", "nullmailer"])
        {
            ImportDraft draft = _import.Read(program);
            Assert.Equal(secret, Assert.Single(draft.Secrets).Text);
            Assert.DoesNotContain(draft.Notes, note => note.Text.Contains(secret, StringComparison.Ordinal));
            Assert.DoesNotContain(secret, ImportedJson.Write(draft.Settings), StringComparison.Ordinal);
        }
    }
}
