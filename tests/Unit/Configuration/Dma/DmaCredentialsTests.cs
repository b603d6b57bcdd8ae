using RelayProxy.Configuration;
using RelayProxy.Harness;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Configuration.Dma;

/// <summary>auth.conf, by dma's grammar.</summary>
public sealed class DmaCredentialsTests : IDisposable
{
    private const string Conf = "SMARTHOST smtp.example.net\nPORT 465\nSECURETRANSFER\nVERIFYCERT\nAUTHPATH {folder}/etc/dma/auth.conf\n";

    private readonly DmaFolder _dma = new();

    public void Dispose() => _dma.Dispose();

    [Theory]
    [InlineData("box|smtp.example.net:secret", "box", "secret")]
    [InlineData("box@example.net|smtp.example.net:se:cr|et # all of it", "box@example.net", "se:cr|et # all of it")]
    [InlineData("box|smtp.example.net secret", "box", "secret")]
    [InlineData("box|smtp.example.net\tsecret", "box", "secret")]
    [InlineData("box|smtp.example.net|secret", "box", "secret")]
    [InlineData("box|SMTP.Example.NET:secret", "box", "secret")]
    [InlineData("old|smtp.example.net:older\nother|smtp.example.org:foreign\nbox|smtp.example.net:secret", "box", "secret")]
    [InlineData("# a comment\n\nbox|smtp.example.net:#secret", "box", "#secret")]
    public void A_line_is_a_user_a_host_and_all_the_rest_is_the_password(string lines, string user, string password)
    {
        _dma.Write("etc/dma/auth.conf", lines);
        RelayConfiguration read = _dma.Read(Conf);

        Assert.Empty(read.ProblemsForSending);
        Assert.Empty(read.Warnings);
        Assert.Equal((user, password), (read.Options.Smarthost.Username, read.Options.Smarthost.Password));
    }

    [Theory]
    [InlineData("box|smtp.example.net:secret ", "secret ", "has a password that begins or ends with a blank, which is a part of it")]
    [InlineData("box|smtp.example.net: secret", " secret", "has a password that begins or ends with a blank, which is a part of it")]
    [InlineData("box|smtp.example.net:secret\r\n", "secret", "ends with CR LF, which dma takes for a part of the password; it is read without the CR")]
    [InlineData("  # indented\nbox|smtp.example.net:secret", "secret", "is indented or blank, at which dma stops; it is passed over")]
    [InlineData("   \nbox|smtp.example.net:secret", "secret", "is indented or blank, at which dma stops; it is passed over")]
    public void What_may_be_a_slip_is_told(string lines, string password, string warning)
    {
        _dma.Write("etc/dma/auth.conf", lines);
        RelayConfiguration read = _dma.Read(Conf);

        Assert.Empty(read.ProblemsForSending);
        Assert.Equal(password, read.Options.Smarthost.Password);
        Assert.Equal([$"AUTHPATH (/etc/dma/auth.conf:1): {warning}"], _dma.Plain(read.Warnings));
    }

    [Theory]
    [InlineData("box|smtp.example.org:secret\nbox|mail.example.org:secret",
        "which has no line for smtp.example.net, but for smtp.example.org, mail.example.org; dma would send without a login; "
        + "write user|smtp.example.net:password there, or leave AUTHPATH out")]
    [InlineData("", "which has no line for smtp.example.net; dma would send without a login; write user|smtp.example.net:password there, or leave AUTHPATH out")]
    public void A_smarthost_without_a_line_is_an_error_and_not_mail_without_a_login(string lines, string problem)
    {
        _dma.Write("etc/dma/auth.conf", lines);

        Assert.Equal([$"AUTHPATH (/etc/dma/dma.conf:5): names /etc/dma/auth.conf, {problem}"], _dma.Plain(_dma.Read(Conf).ProblemsForSending));
    }

    [Theory]
    [InlineData("box:hunter2")]
    [InlineData("box|smtp.example.net-hunter2")]
    [InlineData("|smtp.example.net:hunter2")]
    [InlineData("box|:hunter2")]
    [InlineData("hunter2")]
    public void A_broken_line_is_told_by_its_number_and_not_shown(string line)
    {
        _dma.Write("etc/dma/auth.conf", $"box|smtp.example.net:secret\n{line}\n");
        RelayConfiguration read = _dma.Read(Conf);

        Assert.Equal(["AUTHPATH (/etc/dma/auth.conf:2): is not of the form user|host:password"], _dma.Plain(read.Problems));
    }

    [Fact]
    public void An_empty_password_is_none()
    {
        _dma.Write("etc/dma/auth.conf", "box|smtp.example.net:\n");

        Assert.StartsWith(
            "Smarthost:Username (/etc/dma/auth.conf:1): is \"box\" and has no password", Assert.Single(_dma.Plain(_dma.Read(Conf).Problems)), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_missing_or_that_everyone_may_read_is_refused_and_a_packages_mode_is_fine()
    {
        Assert.Equal(["AUTHPATH (/etc/dma/dma.conf:5): names /etc/dma/auth.conf, which does not exist"], _dma.Plain(_dma.Read(Conf).Problems));

        _dma.Write("etc/dma/auth.conf", "box|smtp.example.net:secret\n", DmaFolder.PackageMode);
        Assert.Empty(_dma.Read(Conf).Problems);

        // The folder on the way is open, too, as /etc/dma is.
        using var open = new TemporaryFolder();
        File.SetUnixFileMode(open.Path, (UnixFileMode)Convert.ToInt32("755", 8));
        string auth = open.Write("auth.conf", "box|smtp.example.net:secret\n", DmaFolder.PackageMode | UnixFileMode.OtherRead);
        RelayConfiguration read = _dma.Read(Conf.Replace("{folder}/etc/dma", open.Path, StringComparison.Ordinal));
        Assert.Equal(
            [$"AUTHPATH (/etc/dma/dma.conf:5): names {auth}, which everyone on this machine may read; type: chmod 600 {auth}"], _dma.Plain(read.Problems));
        Assert.Equal("", read.Options.Smarthost.Password);
    }

    [Fact]
    public void A_password_in_relayproxy_json_or_in_a_credential_takes_the_place_of_that_in_auth_conf()
    {
        _dma.Write("etc/dma/auth.conf", "box|smtp.example.net:secret\n");
        string file = _dma.Write("run/secrets/smtp_password", "newer\n");
        SmarthostOptions smarthost = _dma.Read(Conf).Options.Smarthost;

        Assert.Equal(("", file), (smarthost.Password, smarthost.PasswordFile));
    }

    [Fact]
    public void A_changed_auth_conf_is_read_again()
    {
        _dma.Write("etc/dma/auth.conf", "box|smtp.example.net:secret\n");
        RelayConfiguration first = _dma.Read(Conf).RequireGood();
        var clock = new TestClock();
        var log = new RecordingLogger();
        using var live = new LiveConfiguration(_dma.Inputs(["--dma", _dma.Conf]), first, clock, log);
        live.Watch();

        File.SetLastWriteTimeUtc(_dma.Write("etc/dma/auth.conf", "box|smtp.example.net:changed\n"), new DateTime(2026, 1, 1, 0, 0, 1, DateTimeKind.Utc));
        clock.Advance(TimeSpan.FromSeconds(2));
        clock.Advance(TimeSpan.FromSeconds(2));

        Assert.Equal("changed", live.Options.Smarthost.Password);
        Assert.DoesNotContain("changed", log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_new_to_warn_of_is_told_when_the_file_changes()
    {
        _dma.Write("etc/dma/auth.conf", "box|smtp.example.net:secret\n");
        RelayConfiguration first = _dma.Read(Conf).RequireGood();
        var log = new RecordingLogger();
        using var live = new LiveConfiguration(_dma.Inputs(["--dma", _dma.Conf]), first, new TestClock(), log);
        _dma.Read(Conf + "DEFER\n");

        Assert.True(live.Reload());
        Assert.True(live.Reload());

        Assert.Single(log.Entries, entry => entry.Text.StartsWith("configuration: DEFER ", StringComparison.Ordinal));
    }
}
