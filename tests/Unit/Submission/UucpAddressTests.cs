using RelayProxy.Submission;

namespace RelayProxy.Unit.Submission;

public class UucpAddressTests
{
    [Theory]
    [InlineData("carl", "carl")]
    [InlineData("carl.smith", "carl.smith")]
    [InlineData("host!carl", "host!carl")]
    [InlineData("host!carl.smith", "host!carl.smith")]
    [InlineData("host.example.com!carl", "carl@host.example.com")]
    [InlineData("relay!host.example.com!carl", "carl@host.example.com")]
    [InlineData("relay!host!carl", "relay!host!carl")]
    [InlineData("a.example!b!c!carl", "b!c!carl@a.example")]
    [InlineData("carl@example.com", "carl@example.com")]
    [InlineData("relay!carl@example.com", "carl@example.com")]
    [InlineData("!carl", "carl")]
    [InlineData("", "")]
    public void A_way_becomes_an_address(string way, string address) => Assert.Equal(address, UucpAddress.ToInternet(way));

    [Theory]
    [InlineData("relay!host!<>")]
    [InlineData("relay!MAILER-DAEMON")]
    [InlineData("mailer-daemon")]
    [InlineData("relay!")]
    public void Bounces_come_from_nobody(string way) => Assert.Equal("", UucpAddress.ToSender(way));

    [Theory]
    [InlineData("relay!carl", "relay!carl")]
    [InlineData("example.com!carl", "carl@example.com")]
    [InlineData("MAILER-DAEMON@example.com", "MAILER-DAEMON@example.com")]   // an address like any other
    public void Other_senders_are_who_they_say(string way, string address) => Assert.Equal(address, UucpAddress.ToSender(way));
}
