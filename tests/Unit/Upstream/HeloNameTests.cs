using System.Net;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Upstream;

public class HeloNameTests
{
    [Theory]
    [InlineData("relay.example.net", "web1.example.net", "192.0.2.1", "relay.example.net")]
    [InlineData("", "web1.example.net", "192.0.2.1", "web1.example.net")]
    [InlineData("", "web1", "192.0.2.1", "[192.0.2.1]")]
    [InlineData("", "localhost", "192.0.2.1", "[192.0.2.1]")]
    [InlineData("", "localhost.localdomain", "192.0.2.1", "[192.0.2.1]")]
    [InlineData("", "web1.localhost", "192.0.2.1", "[192.0.2.1]")]
    [InlineData("", "wéb1.example.net", "192.0.2.1", "[192.0.2.1]")]
    [InlineData("", "web1", "2001:db8::1", "[IPv6:2001:db8::1]")]
    [InlineData("", "web1", "::ffff:192.0.2.1", "[192.0.2.1]")]
    [InlineData("", "web1", "fe80::1%2", "[IPv6:fe80::1]")]
    [InlineData("", "web1", null, "[127.0.0.1]")]
    public void C16_EHLO_says_a_qualified_name_or_an_address(string configured, string hostName, string? address, string said) =>
        Assert.Equal(said, HeloName.Choose(configured, hostName, address is null ? null : IPAddress.Parse(address)));
}
