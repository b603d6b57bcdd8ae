using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using RelayProxy.Harness;
using RelayProxy.Listener;

namespace RelayProxy.Integration.Listener;

/// <summary>Sockets that were opened for us, as systemd hands them over.</summary>
public sealed partial class InheritedSocketsTests
{
    /// <summary>Where the test puts descriptors; systemd begins at 3.</summary>
    private const int First = 1500;

    [Theory]
    [InlineData("systemd", 2)]
    [InlineData("systemd:six", 1)]
    [InlineData("", 2)]                     // no endpoint is named, as in the unit that comes with the relay
    [InlineData("127.0.0.1:0", 3)]          // another is: there it listens too, and lets no client of these wait for ever
    public async Task They_are_listened_at(string endpoint, int count)
    {
        using Socket four = Listen(IPAddress.Loopback);
        using Socket six = Listen(IPAddress.IPv6Loopback);
        Hand(four, First);
        Hand(six, First + 1);
        await using var listener = new ListenerUnderTest(
            new ListenerOptions { Endpoints = [endpoint] }, Inherited(("LISTEN_FDS", "2"), ("LISTEN_FDNAMES", "four:six")));

        await listener.StartAsync();

        Assert.Equal(count, listener.Endpoints.Count);
        Assert.Contains(six.LocalEndPoint!, listener.Endpoints);
        using DoorClient client = await DoorClient.ConnectAsync(six.LocalEndPoint!);
        Assert.Equal("220 relay.test ESMTP", await client.HearAsync());
        if (count == 1)
        {
            Assert.Equal(0, Close(First));
        }
    }

    [Fact]
    public async Task An_address_that_is_handed_over_need_not_be_bound_again()
    {
        using Socket four = Listen(IPAddress.Loopback);
        Hand(four, First + 30);
        await using var listener = new ListenerUnderTest(
            new ListenerOptions { Endpoints = [four.LocalEndPoint!.ToString()!] }, Inherited([("LISTEN_FDS", "1")], First + 30));

        await listener.StartAsync();

        Assert.Equal([four.LocalEndPoint], listener.Endpoints);
    }

    [Fact]
    public Task Those_of_another_process_are_not_ours() =>
        AssertRefusedAsync("systemd", "systemd has handed over no socket;", ("LISTEN_FDS", "1"), ("LISTEN_PID", "1"));

    [Fact]
    public Task None_at_all_is_told() => AssertRefusedAsync("systemd", "systemd has handed over no socket;");

    [Fact]
    public Task A_name_that_is_none_is_told() => AssertRefusedAsync(
        "systemd:http", "no socket of that name but smtp; see FileDescriptorName=", ("LISTEN_FDS", "1"), ("LISTEN_FDNAMES", "smtp"));

    [Fact]
    public async Task What_does_not_listen_is_told()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        Hand(socket, First + 10);

        await AssertRefusedAsync("systemd", "is no socket that listens; use ListenStream=", First + 10, ("LISTEN_FDS", "1"));
    }

    private static Task AssertRefusedAsync(string endpoint, string expected, params (string, string)[] environment) =>
        AssertRefusedAsync(endpoint, expected, First + 20, environment);

    private static async Task AssertRefusedAsync(string endpoint, string expected, int first, params (string, string)[] environment)
    {
        await using var listener = new ListenerUnderTest(new ListenerOptions { Endpoints = [endpoint] }, Inherited(environment, first));

        ListenerBindException problem = await Assert.ThrowsAsync<ListenerBindException>(listener.StartAsync);

        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
    }

    private static InheritedSockets Inherited(params (string, string)[] environment) => Inherited(environment, First);

    private static InheritedSockets Inherited((string Name, string Value)[] environment, int first)
    {
        var variables = environment.ToDictionary(variable => variable.Name, variable => variable.Value);
        variables.TryAdd("LISTEN_PID", Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return new InheritedSockets(variables.GetValueOrDefault, Environment.ProcessId, first);
    }

    private static Socket Listen(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(address, 0));
        socket.Listen();
        return socket;
    }

    private static void Hand(Socket socket, int descriptor) =>
        Assert.Equal(descriptor, Duplicate((int)socket.SafeHandle.DangerousGetHandle(), descriptor));

    [LibraryImport("libc", EntryPoint = "dup2")]
    private static partial int Duplicate(int descriptor, int onto);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
