using System.Net;
using System.Net.Sockets;
using RelayProxy.Harness;
using RelayProxy.Listener;

namespace RelayProxy.Integration.Listener;

/// <summary>Nobody asked for ::1 by name, and a container may have none.</summary>
public class DefaultEndpointsTests
{
    private static readonly ListenerEndpoint s_here = new IpListenerEndpoint("127.0.0.1:0", new IPEndPoint(IPAddress.Loopback, 0));

    /// <summary>TEST-NET-1 (RFC 5737): no host has it.</summary>
    private static readonly ListenerEndpoint s_nowhere = new IpListenerEndpoint("192.0.2.1:0", new IPEndPoint(IPAddress.Parse("192.0.2.1"), 0));

    [Fact]
    public void They_are_both_loopback_addresses_at_port_25() =>
        Assert.Equal(["127.0.0.1:25", "[::1]:25"], ListenerEndpoint.Defaults.Select(endpoint => endpoint.Text));

    [Fact]
    public void One_that_the_host_lacks_is_left_out_and_told()
    {
        var logger = new RecordingLogger();

        Socket socket = Assert.Single(Open([s_here, s_nowhere], mayLackSome: true, logger));

        socket.Dispose();
        Assert.StartsWith("Not listening at 192.0.2.1:0, which this host does not have", Assert.Single(logger.Entries).Text, StringComparison.Ordinal);
    }

    [Fact]
    public void None_at_all_is_a_reason_not_to_start() =>
        Assert.Throws<ListenerBindException>(() => Open([s_nowhere], mayLackSome: true, new RecordingLogger()));

    [Fact]
    public void One_that_was_asked_for_is_not_left_out() => Assert.Contains(
        "has 192.0.2.1:0, and this host has no such address",
        Assert.Throws<ListenerBindException>(() => Open([s_here, s_nowhere], mayLackSome: false, new RecordingLogger())).Message,
        StringComparison.Ordinal);

    private static IReadOnlyList<Socket> Open(IReadOnlyList<ListenerEndpoint> endpoints, bool mayLackSome, RecordingLogger logger) =>
        ListenSockets.Open(endpoints, mayLackSome, new ListenerOptions(), InheritedSockets.OfThisProcess, logger);
}
