using RelayProxy.Configuration;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Configuration;

public class SmarthostUrlTests
{
    [Theory]
    [InlineData("smtps://box:secret@smtp.example.net:465", SmarthostTls.Implicit, "smtp.example.net", 465, "box", "secret")]
    [InlineData("smtps://smtp.example.net", SmarthostTls.Implicit, "smtp.example.net", 465, "", "")]
    [InlineData("SMTP+STARTTLS://box@smtp.example.net/", SmarthostTls.StartTls, "smtp.example.net", 587, "box", "")]
    [InlineData("smtp://localhost:2525", SmarthostTls.None, "localhost", 2525, "", "")]
    [InlineData("smtps://box%40example.net:p%40ss%2Fw%3Ard@[2001:db8::1]:4650", SmarthostTls.Implicit, "2001:db8::1", 4650, "box@example.net", "p@ss/w:rd")]
    [InlineData("smtps://box@example.net:a+b@smtp.example.net", SmarthostTls.Implicit, "smtp.example.net", 465, "box@example.net", "a+b")]
    [InlineData("smtps://box:p:q@h", SmarthostTls.Implicit, "h", 465, "box", "p:q")]
    [InlineData("smtps://[::1]", SmarthostTls.Implicit, "::1", 465, "", "")]
    internal void Stands_for_host_port_protection_and_login(
        string url, SmarthostTls tls, string host, int port, string username, string password)
    {
        Assert.True(SmarthostUrl.TryParse(url, out SmarthostUrl parsed, out _));
        Assert.Equal(new SmarthostUrl(tls, host, port, username, password), parsed);
    }

    [Theory]
    [InlineData("smtp.example.net")]
    [InlineData("https://u:hunter2@smtp.example.net")]
    [InlineData("smtps://")]
    [InlineData("smtps://u:hunter2@")]
    [InlineData("smtps://u:hunter2@host:99999")]
    [InlineData("smtps://u:hunter2@host:port")]
    [InlineData("smtps://host/path")]
    public void Is_refused_without_being_repeated(string url)
    {
        Assert.False(SmarthostUrl.TryParse(url, out SmarthostUrl parsed, out string trouble));
        Assert.Equal(default, parsed);
        Assert.Contains("smtps://user:password@host:465", trouble, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", trouble, StringComparison.Ordinal);
    }
}
