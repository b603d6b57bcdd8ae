using System.Net.Sockets;
using RelayProxy.Harness;
using RelayProxy.Listener;

namespace RelayProxy.Integration.Listener;

/// <summary>The door as a file.</summary>
public sealed class UnixSocketTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string SocketPath => _folder["smtp.sock"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_has_the_mode_and_the_group_that_were_asked_for_and_is_gone_afterwards()
    {
        await using (var listener = new ListenerUnderTest(Options("0620", "daemon")))
        {
            await listener.StartAsync();
            using DoorClient client = await DoorClient.ConnectAsync(listener.Endpoint);

            Assert.Equal("220 relay.test ESMTP", await client.HearAsync());
            Assert.Equal(
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupWrite, File.GetUnixFileMode(SocketPath));
            Assert.Equal((0, "daemon"), await ChildProcess.RunAsync("stat", ["-c", "%G", SocketPath]));
        }

        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public async Task One_that_a_dead_relay_left_behind_is_replaced()
    {
        LeaveStaleSocket();
        Assert.True(File.Exists(SocketPath));

        await using var listener = new ListenerUnderTest(Options());
        await listener.StartAsync();

        using DoorClient client = await DoorClient.ConnectAsync(listener.Endpoint);
        Assert.Equal("220 relay.test ESMTP", await client.HearAsync());
    }

    [Fact]
    public async Task One_that_is_in_use_is_left_alone()
    {
        await using var first = new ListenerUnderTest(Options());
        await first.StartAsync();
        await using var second = new ListenerUnderTest(Options());

        ListenerBindException problem = await Assert.ThrowsAsync<ListenerBindException>(second.StartAsync);

        Assert.Equal($"Listener:Endpoints has unix:{SocketPath}, and another program listens there; stop it, or use another path", problem.Message);
        using DoorClient client = await DoorClient.ConnectAsync(first.Endpoint);
        Assert.Equal("220 relay.test ESMTP", await client.HearAsync());
    }

    [Fact]
    public async Task What_is_no_socket_is_left_alone()
    {
        _folder.Write("smtp.sock", "precious");
        await AssertLeftAloneAsync();
        Assert.Equal("precious", File.ReadAllText(SocketPath));
    }

    [Fact]
    public async Task A_link_is_not_followed_and_left_alone()
    {
        _folder.Write("precious", "precious");
        File.CreateSymbolicLink(SocketPath, _folder["precious"]);
        await AssertLeftAloneAsync();
        Assert.Equal("precious", File.ReadAllText(SocketPath));
    }

    [Fact]
    public async Task A_group_that_is_none_is_told()
    {
        await using var listener = new ListenerUnderTest(Options(group: "no-such-group"));

        ListenerBindException problem = await Assert.ThrowsAsync<ListenerBindException>(listener.StartAsync);

        Assert.StartsWith("Listener:UnixSocketGroup is \"no-such-group\", and there is no such group", problem.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(SocketPath));
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_told()
    {
        await using var listener = new ListenerUnderTest(new ListenerOptions { Endpoints = [$"unix:{_folder["none/smtp.sock"]}"] });

        ListenerBindException problem = await Assert.ThrowsAsync<ListenerBindException>(listener.StartAsync);

        Assert.Contains($"this user must be able to write to {_folder["none"]}", problem.Message, StringComparison.Ordinal);
    }

    private ListenerOptions Options(string mode = "0666", string group = "") =>
        new() { Endpoints = [$"unix:{SocketPath}"], UnixSocketMode = mode, UnixSocketGroup = group };

    private async Task AssertLeftAloneAsync()
    {
        await using var listener = new ListenerUnderTest(Options());

        ListenerBindException problem = await Assert.ThrowsAsync<ListenerBindException>(listener.StartAsync);

        Assert.Contains("there is something that is not a socket of ours", problem.Message, StringComparison.Ordinal);
    }

    /// <summary>As a killed process leaves it: .NET removes the file that a socket has bound, so it is bound under another name.</summary>
    private void LeaveStaleSocket()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(_folder["bound.sock"]));
        File.Move(_folder["bound.sock"], SocketPath);
    }
}
