using System.Net;
using RelayProxy.Listener;

namespace RelayProxy.Unit.Listener;

public class ListenerEndpointTests
{
    [Theory]
    [InlineData("127.0.0.1:25", "127.0.0.1", 25)]
    [InlineData("[::1]:25", "::1", 25)]
    [InlineData("0.0.0.0:0", "0.0.0.0", 0)]
    [InlineData("[2001:db8::1]:65535", "2001:db8::1", 65535)]
    public void An_address_has_a_port(string text, string address, int port)
    {
        Assert.True(ListenerEndpoint.TryParse(text, out ListenerEndpoint? endpoint, out _));
        Assert.Equal(new IPEndPoint(IPAddress.Parse(address), port), Assert.IsType<IpListenerEndpoint>(endpoint).Address);
    }

    [Fact]
    public void A_Unix_socket_has_a_path()
    {
        Assert.True(ListenerEndpoint.TryParse("unix:/run/relayproxy/smtp.sock", out ListenerEndpoint? endpoint, out _));
        Assert.Equal("/run/relayproxy/smtp.sock", Assert.IsType<UnixListenerEndpoint>(endpoint).Path);
    }

    [Theory]
    [InlineData("systemd", "")]
    [InlineData("systemd:smtp", "smtp")]
    public void Sockets_of_systemd_may_have_a_name(string text, string name)
    {
        Assert.True(ListenerEndpoint.TryParse(text, out ListenerEndpoint? endpoint, out _));
        Assert.Equal(name, Assert.IsType<InheritedListenerEndpoint>(endpoint).Name);
    }

    [Theory]
    [InlineData("localhost:25", "\"localhost\" is not an IP address; for the programs of this host use 127.0.0.1 and [::1]")]
    [InlineData("*:25", "\"*\" is not an IP address")]
    [InlineData("127.1:25", "\"127.1\" is not an IP address")]
    [InlineData("127.0.0.010:25", "\"127.0.0.010\" is not an IP address")]
    [InlineData("127.0.0.256:25", "\"127.0.0.256\" is not an IP address")]
    [InlineData("127.0.0.0.1:25", "\"127.0.0.0.1\" is not an IP address")]
    [InlineData("[127.0.0.1]:25", "\"[127.0.0.1]\" is not an IP address")]
    [InlineData("", "\"\" is not an IP address")]
    [InlineData("25", "names no address; write 127.0.0.1:25")]
    [InlineData("127.0.0.1", "names no port from 0 to 65535; write 127.0.0.1:25")]
    [InlineData("127.0.0.1:", "names no port")]
    [InlineData("127.0.0.1:smtp", "names no port")]
    [InlineData("127.0.0.1:65536", "names no port")]
    [InlineData("127.0.0.1:+25", "names no port")]
    [InlineData("::1:25", "ambiguous; an IPv6 address stands in brackets: [::1]:25")]
    [InlineData("unix:smtp.sock", "no absolute path")]
    [InlineData("unix:/run/", "no absolute path")]
    [InlineData("unix:/run/0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789.sock", "more than the 107 octets")]
    public void What_is_none_is_told_with_the_way_out(string text, string expected)
    {
        Assert.False(ListenerEndpoint.TryParse(text, out ListenerEndpoint? endpoint, out string problem));
        Assert.Null(endpoint);
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Several_may_stand_in_one_string() =>
        Assert.Equal(["127.0.0.1:25", "[::1]:25", "systemd"], ListenerEndpoint.Split(["127.0.0.1:25, [::1]:25", "systemd", ""]));
}
