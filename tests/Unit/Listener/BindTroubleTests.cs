using System.Net.Sockets;
using RelayProxy.Listener;

namespace RelayProxy.Unit.Listener;

public class BindTroubleTests
{
    [Theory]
    [InlineData("127.0.0.1:25", SocketError.AccessDenied,
        "Listener:Endpoints has 127.0.0.1:25, and port 25 needs a right that this user does not have. Three ways to get it: let systemd give it "
        + "(AmbientCapabilities=CAP_NET_BIND_SERVICE, or a .socket unit and Listener:Endpoints=systemd); lower the first port that needs no right "
        + "(sysctl net.ipv4.ip_unprivileged_port_start=25); or use a higher port (Listener:Endpoints=127.0.0.1:2525)")]
    [InlineData("[2001:db8::1]:25", SocketError.AddressNotAvailable,
        "Listener:Endpoints has [2001:db8::1]:25, and this host has no such address; use one of its own, or leave the endpoint out")]
    [InlineData("[::1]:1", SocketError.AddressAlreadyInUse,
        "Listener:Endpoints has [::1]:1, and the port is taken: another program listens there; stop it, or use another port (Listener:Endpoints=[::1]:2525)")]
    public void An_endpoint_that_cannot_be_had_is_named_with_the_way_out(string text, SocketError error, string expected)
    {
        Assert.True(ListenerEndpoint.TryParse(text, out ListenerEndpoint? endpoint, out _));
        Assert.Equal(expected, BindTrouble.Of((IpListenerEndpoint)endpoint!, error));
    }
}
