using RelayProxy.Mail;

namespace RelayProxy.Unit.Mail;

public class HostIdentityTests
{
    private const string Debian = "127.0.0.1\tlocalhost\n# the name\n127.0.1.1\tweb1.example.net\tweb1 # ours\n::1 localhost ip6-localhost\n";

    [Theory]
    [InlineData("web1.corp.example", Debian, "search example.org", "web1.corp.example")]
    [InlineData("web1.corp.example.", "", "", "web1.corp.example")]
    [InlineData("web1", Debian, "search example.org", "web1.example.net")]
    [InlineData("WEB1", Debian, "", "web1.example.net")]
    [InlineData("web2", Debian, "nameserver 10.0.0.1\nsearch example.org example.com\n", "web2.example.org")]
    [InlineData("web2", "", "domain example.net\n; search no\nsearch example.org.", "web2.example.org")]
    [InlineData("web2", "", "search .\noptions ndots:5", "web2")]
    [InlineData("web2", "", "search", "web2")]
    [InlineData("web1", "127.0.0.1 localhost.localdomain localhost web1", "", "web1")]
    [InlineData("web1", "127.0.0.1 web1\n10.0.0.1 web1 web1.example.net", "", "web1.example.net")]
    [InlineData("web1", "127.0.0.1 web1 we)b.example", "", "web1")]
    [InlineData("web1", "127.0.0.1\r\n\r\n", "", "web1")]
    [InlineData("(none)", Debian, "search example.org", "localhost")]
    [InlineData("", "", "", "localhost")]
    [InlineData("a b\r\nRCPT TO:<x@y>", "", "", "localhost")]
    public void C16_The_host_is_called_what_its_files_say(string kernelName, string hosts, string resolvConf, string expected) =>
        Assert.Equal(expected, HostIdentity.From(kernelName, hosts, resolvConf));

    [Fact]
    public void C16_This_host_has_a_name_that_can_be_said_in_EHLO() =>
        Assert.True(DomainParser.IsWhole(System.Text.Encoding.ASCII.GetBytes(HostIdentity.FullyQualifiedName)));

    [Theory]
    [InlineData("example.net\n", "example.net")]
    [InlineData("example.net", "example.net")]
    [InlineData("example.net. # ours", "example.net")]
    [InlineData(" \texample.net \n", "example.net")]
    [InlineData("exam_ple-1.net\r\nexample.org\n", "exam_ple-1.net")]
    [InlineData("a\0b", "a")]
    [InlineData("", null)]
    [InlineData("\nexample.net\n", null)]
    [InlineData(".", null)]
    [InlineData("-x", null)]
    public void The_mail_name_is_the_first_line_as_far_as_it_is_a_name(string content, string? expected) =>
        Assert.Equal(expected, MailName.From(content));

    [Fact]
    public void A_mail_name_that_is_not_there_is_none() =>
        Assert.Null(MailName.Read(Path.Combine(Path.GetTempPath(), Path.GetRandomFileName())));
}
