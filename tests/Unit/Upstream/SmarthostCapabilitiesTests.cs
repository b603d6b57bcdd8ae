using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Upstream;

public class SmarthostCapabilitiesTests
{
    [Fact]
    public void Keywords_are_read_in_any_letter_case_and_the_greeting_is_none()
    {
        SmarthostCapabilities offered = Parse("PIPELINING says hello\npipelining\nSize 1000\n8BitMime\nSMTPUTF8\nDSN\nCHUNKING\nSTARTTLS\nX-UNKNOWN a b");

        Assert.True(offered is { Pipelining: true, Size: true, EightBitMime: true, SmtpUtf8: true, Dsn: true, Chunking: true, StartTls: true });
        Assert.Equal(1000, offered.MaxMessageOctets);
        Assert.Contains("X-UNKNOWN a b", offered.Keywords);
        Assert.False(Parse("PIPELINING says hello").Pipelining);
    }

    [Theory]
    [InlineData("SIZE", null)]
    [InlineData("SIZE 0", null)]
    [InlineData("SIZE much", null)]
    [InlineData("SIZE -5", null)]
    [InlineData("SIZE 99999999999999999999", null)]
    [InlineData("SIZE 5000000000", 5_000_000_000)]
    public void A_bound_that_is_not_named_or_not_a_number_is_none(string line, long? octets) =>
        Assert.Equal(octets, Parse($"hello\n{line}").MaxMessageOctets);

    [Theory]
    [InlineData("AUTH PLAIN LOGIN", "PLAIN LOGIN")]
    [InlineData("AUTH=PLAIN LOGIN", "PLAIN LOGIN")]
    [InlineData("AUTH PLAIN\nAUTH=LOGIN plain", "PLAIN LOGIN")]
    [InlineData("auth  XOAUTH2  PLAIN ", "XOAUTH2 PLAIN")]
    [InlineData("AUTH", "")]
    [InlineData("AUTHENTICATE PLAIN", "")]
    public void Mechanisms_are_read_from_either_spelling_of_AUTH(string lines, string mechanisms) =>
        Assert.Equal(mechanisms, string.Join(' ', Parse($"hello\n{lines}").AuthMechanisms));

    [Fact]
    public void A_setting_takes_away_and_never_adds()
    {
        SmarthostCapabilities offered = Parse("hello\nPIPELINING\nSIZE 1000\nAUTH PLAIN", "pipelining", " SIZE ", "AUTH", "DSN");

        Assert.True(offered is { Pipelining: false, Size: false, MaxMessageOctets: null, Dsn: false });
        Assert.Empty(offered.AuthMechanisms);
        Assert.Empty(offered.Keywords);
    }

    private static SmarthostCapabilities Parse(string text, params string[] disable) =>
        SmarthostCapabilities.Parse(new SmtpReply(250, null, text), disable);
}
