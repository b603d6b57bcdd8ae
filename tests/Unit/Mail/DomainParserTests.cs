using RelayProxy.Harness;
using RelayProxy.Mail;

namespace RelayProxy.Unit.Mail;

public class DomainParserTests
{
    [Theory]
    [InlineData("[127.0.0.1]")]
    [InlineData("[IPv6:::1]")]
    [InlineData("localhost")]
    [InlineData("not.my.ip.example")]
    [InlineData("under_score.example.")]
    public void S07_Names_and_address_literals_are_fit_for_EHLO(string text) => Assert.True(DomainParser.IsWhole(Sequences.Octets(text)));

    [Theory]
    [InlineData("")]
    [InlineData("[999.1.1.1]")]
    [InlineData("[IPv6:::1")]
    [InlineData("a b")]
    [InlineData("a\r\nb")]
    [InlineData("x)")]
    [InlineData("x;y")]
    [InlineData("-x")]
    [InlineData("x..y")]
    [InlineData("\u00fc.example")]
    [InlineData("::1")]
    public void S07_Anything_else_is_not(string text) => Assert.False(DomainParser.IsWhole(Sequences.Octets(text)));
}
