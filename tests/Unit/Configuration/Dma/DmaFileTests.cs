using RelayProxy.Configuration;
using RelayProxy.Delivery.Local;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Configuration.Dma;

/// <summary>Where dma.conf stands among the sources, and how its lines are read.</summary>
public sealed class DmaFileTests : IDisposable
{
    private readonly DmaFolder _dma = new();

    public void Dispose() => _dma.Dispose();

    [Fact]
    public void The_configuration_of_the_how_tos_works_as_it_stands()
    {
        _dma.Write("etc/dma/auth.conf", "your_login|your.isp.net:your_password\n");
        RelayConfiguration read = _dma.Read("""
            SMARTHOST your.isp.net
            PORT 465
            ALIASES /etc/aliases
            SPOOLDIR /var/spool/dma
            AUTHPATH {folder}/etc/dma/auth.conf
            SECURETRANSFER
            MASQUERADE domain.to.masquerade_as 

            """);

        Assert.Empty(read.ProblemsForSending);
        SmarthostOptions smarthost = read.Options.Smarthost;
        Assert.Equal(("your.isp.net", 465, SmarthostTls.Implicit), (smarthost.Host, smarthost.Port, smarthost.Tls));
        Assert.Equal(("your_login", "your_password"), (smarthost.Username, smarthost.Password));
        Assert.Equal(("/etc/aliases", "domain.to.masquerade_as"), (read.Options.Rewrite.AliasFile, read.Options.Rewrite.Masquerade));
        Assert.Equal((LocalMailbox.Mbox, "Reject", ""), (read.Options.Local.Delivery, read.Options.Rewrite.UnknownLocal, read.Options.Queue.Path));
        Assert.Equal(
            [
                "MASQUERADE (/etc/dma/dma.conf:7): has blanks around its value, which dma takes for a part of it; here they are not",
                "VERIFYCERT (/etc/dma/dma.conf): is not set: dma would believe any certificate of the smarthost; here it is always checked",
            ],
            _dma.Plain(read.Warnings));
    }

    [Fact]
    public void Each_value_says_which_line_of_which_file_it_is_from()
    {
        _dma.Write("etc/dma/auth.conf", "# logins\nbox|smtp.example.net:secret\n");
        RelayConfiguration read = _dma.Read("SMARTHOST smtp.example.net\n\nSECURETRANSFER\nSTARTTLS\nAUTHPATH {folder}/etc/dma/auth.conf\n");

        Assert.Equal($"{_dma.Conf}:1", SourceOf(read, "Smarthost:Host"));
        Assert.Equal($"{_dma.Conf} (dma's default)", SourceOf(read, "Smarthost:Port"));
        Assert.Equal($"{_dma.Conf}:4", SourceOf(read, "Smarthost:Tls"));
        Assert.Equal($"{_dma.Auth}:2", SourceOf(read, "Smarthost:Password"));
        Assert.Equal("********", read.Report.Settings.Single(setting => setting.Setting.Key == "Smarthost:Password").Value.Text);
        Assert.Equal([_dma.Conf, _dma.Auth], read.Files);
    }

    [Fact]
    public void A_line_with_a_NUL_is_refused()
    {
        RelayConfiguration read = _dma.Read("SMARTHOST smtp.example.net\nSECURETRANSFER\nMAILNAME /etc/mail\0name\n");

        Assert.Equal(["/etc/dma/dma.conf:3: holds a NUL, which no line of dma's can; write the line anew"], _dma.Plain(read.Problems));
    }

    [Fact]
    public void Only_a_configuration_file_that_is_named_is_read_beside_it_and_over_it()
    {
        const string conf = "SMARTHOST dma.example.net\nSECURETRANSFER\nPORT 465\nVERIFYCERT\n";
        _dma.Write("config/relayproxy.json", """{ "Smarthost": { "Host": "checkout.example.net" } }""");
        _dma.Write("etc/relayproxy/relayproxy.json", """{ "Smarthost": { "Host": "etc.example.net" } }""");
        string named = _dma.Write("mine.json", """{ "Smarthost": { "Port": 4650 } }""");
        Assert.Equal("dma.example.net", _dma.Read(conf).Options.Smarthost.Host);

        ConfigurationInputs inputs = _dma.Inputs(["serve", "--dma", "etc/dma/dma.conf"]);
        RelayConfiguration both = RelayConfiguration.Read(inputs with { File = named });
        Assert.Equal(("dma.example.net", 4650), (both.Options.Smarthost.Host, both.Options.Smarthost.Port));
        Assert.Equal([named, _dma.Conf], both.Files);

        RelayConfiguration over = _dma.Read(conf, "--Smarthost:Host=line.example.net");
        Assert.Equal("line.example.net", over.Options.Smarthost.Host);
    }

    [Fact]
    public void The_variable_names_it_too_and_the_option_wins()
    {
        _dma.Write("etc/dma/dma.conf", "SMARTHOST variable.example.net\n");
        string option = _dma.Write("option.conf", "SMARTHOST option.example.net\n");
        (string, string) variable = ("RELAYPROXY_DMACONF", _dma.Conf);

        Assert.Equal("variable.example.net", RelayConfiguration.Read(_dma.Inputs([], variable)).Options.Smarthost.Host);
        Assert.Equal("option.example.net", RelayConfiguration.Read(_dma.Inputs(["--dma", option], variable)).Options.Smarthost.Host);
        Assert.Equal("variable.example.net", RelayConfiguration.Read(_dma.Inputs(["--", "--dma", option], variable)).Options.Smarthost.Host);
    }

    [Fact]
    public void A_named_file_that_is_not_there_is_an_error_and_not_all_defaults()
    {
        RelayConfiguration read = RelayConfiguration.Read(_dma.Inputs(["--dma=/nowhere/dma.conf"]));

        Assert.Equal(["/nowhere/dma.conf: does not exist"], _dma.Plain(read.Problems));
    }

    [Fact]
    public void A_file_that_everyone_may_write_is_not_believed()
    {
        _dma.Write("etc/dma/dma.conf", "SMARTHOST evil.example.net\n", DmaFolder.PackageMode | UnixFileMode.OtherWrite);
        RelayConfiguration read = RelayConfiguration.Read(_dma.Inputs(["--dma", _dma.Conf]));

        Assert.Equal(["/etc/dma/dma.conf: may be written by everyone; type: chmod o-w /etc/dma/dma.conf"], _dma.Plain(read.Problems));
        Assert.Equal("", read.Options.Smarthost.Host);
    }

    [Theory]
    [InlineData("SMARTHOST  smtp.example.net", "SMARTHOST (:1): has blanks around its value, which dma takes for a part of it; here they are not")]
    [InlineData("SMARTHOST smtp.example.net\t", "SMARTHOST (:1): has blanks around its value, which dma takes for a part of it; here they are not")]
    [InlineData("SMARTHOST smtp.example.net # the provider", "SMARTHOST (:1): has blanks around its value, which dma takes for a part of it; here they are not")]
    [InlineData("SMARTHOST smtp.example.net\r", "{conf}:1: ends its lines with CR LF, which dma takes for a part of them; they are read without the CR")]
    [InlineData(" SMARTHOST smtp.example.net", "SMARTHOST (:1): is indented, and dma passes over such lines; here it counts")]
    [InlineData("smarthost smtp.example.net", "SMARTHOST (:1): is not in capitals, as dma wants it; here it counts")]
    [InlineData("SMARTHOST old.example.net\nSMARTHOST smtp.example.net", "SMARTHOST (:1): is set again in line 2, which counts")]
    [InlineData("SMARTHOST\tsmtp.example.net", null)]
    [InlineData("SMARTHOST smtp.example.net#comment", null)]
    [InlineData("# SMARTHOST other.example.net\n\n   \nSMARTHOST smtp.example.net", null)]
    public void Slips_whose_meaning_is_plain_are_forgiven_with_a_warning(string lines, string? warning)
    {
        RelayConfiguration read = _dma.Read($"{lines}\nPORT  465 \nSECURETRANSFER\nVERIFYCERT");

        Assert.Empty(read.ProblemsForSending);
        Assert.Equal("smtp.example.net", read.Options.Smarthost.Host);
        Assert.Equal(465, read.Options.Smarthost.Port);
        Assert.Equal(
            warning is null ? [] : [warning.Replace("(:", $"({_dma.Conf}:", StringComparison.Ordinal).Replace("{conf}", _dma.Conf, StringComparison.Ordinal)],
            read.Warnings.Select(found => found.ToString()));
    }

    [Theory]
    [InlineData("SECURETRANSFER ")]
    [InlineData("SECURETRANSFER  # TLS, please")]
    [InlineData("securetransfer")]
    [InlineData("\tSECURETRANSFER")]
    [InlineData("SECURETRANSFER\r")]
    public void A_switch_is_on_whatever_blanks_there_are(string line)
    {
        RelayConfiguration read = _dma.Read($"SMARTHOST smtp.example.net\nPORT 465\n{line}\nVERIFYCERT\n");

        Assert.Empty(read.Problems);
        Assert.Equal(SmarthostTls.Implicit, read.Options.Smarthost.Tls);
        Assert.Equal($"{_dma.Conf}:3", SourceOf(read, "Smarthost:Tls"));
    }

    [Theory]
    [InlineData("SECURE", "SECURE (:1): is no directive of dma.conf; did you mean SECURETRANSFER, which is what dma's manual means by it?")]
    [InlineData("OPPORTUNISTICTLS", "OPPORTUNISTICTLS (:1): is no directive of dma.conf; did you mean STARTTLS and SECURETRANSFER?")]
    [InlineData("MAILNAMEFILE /etc/mailname", "MAILNAMEFILE (:1): is no directive of dma.conf; did you mean MAILNAME /etc/mailname?")]
    [InlineData("SMARTHORST smtp.example.net", "SMARTHORST (:1): is no directive of dma.conf; did you mean SMARTHOST?")]
    [InlineData("SMARTHOST=smtp.example.net", "SMARTHOST=smtp.example.net (:1): is no directive of dma.conf; write a blank between keyword and value instead of =")]
    [InlineData("XYZZY", "XYZZY (:1): is no directive of dma.conf; it knows SMARTHOST, PORT, ALIASES, SPOOLDIR, AUTHPATH, FINGERPRINT, CERTFILE, MAILNAME, "
        + "MASQUERADE, SECURETRANSFER, STARTTLS, OPPORTUNISTIC_TLS, VERIFYCERT, INSECURE, DEFER, FULLBOUNCE, NULLCLIENT")]
    [InlineData("SECURETRANSFER yes", "SECURETRANSFER (:1): takes no value; write SECURETRANSFER alone, or leave the line out")]
    [InlineData("MASQUERADE", "MASQUERADE (:1): has no value; write one behind it, or leave the line out")]
    [InlineData("MASQUERADE #", "MASQUERADE (:1): has no value; write one behind it, or leave the line out")]
    [InlineData("PORT submission", "PORT (:1): is \"submission\", which is no port; write 465, or 587 with STARTTLS")]
    [InlineData("PORT 0", "PORT (:1): is \"0\", which is no port; write 465, or 587 with STARTTLS")]
    public void What_cannot_be_meant_is_refused_by_name_and_line_with_the_way_out(string line, string problem) =>
        Assert.Equal([problem.Replace("(:", "(/etc/dma/dma.conf:", StringComparison.Ordinal)], _dma.Plain(_dma.Read(line).Problems));

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        RelayConfiguration read = _dma.Read("SMARTHOST smtp.example.net\nSECURE\nPORT high\nOPPORTUNISTIC_TLS\nFINGERPRINT 12:34\n");

        Assert.Equal(["SECURE", "PORT", "OPPORTUNISTIC_TLS", "FINGERPRINT"], read.Problems.Select(problem => problem.Key));
    }

    private static string SourceOf(RelayConfiguration read, string key) =>
        read.Report.Settings.Single(setting => setting.Setting.Key == key).Source;
}
