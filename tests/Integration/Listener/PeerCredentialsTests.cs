using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using RelayProxy.Harness;
using RelayProxy.Listener;

namespace RelayProxy.Integration.Listener;

/// <summary>The local user behind a connection, as the kernel tells it.</summary>
public sealed partial class PeerCredentialsTests
{
    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    public async Task The_uid_behind_a_loopback_connection_is_known(string endpoint)
    {
        using Socket door = Listen(IPEndPoint.Parse(endpoint));
        using DoorClient client = await DoorClient.ConnectAsync(door.LocalEndPoint!);
        using Socket accepted = await door.AcceptAsync(TestContext.Current.CancellationToken);
        var near = (IPEndPoint)client.LocalEndPoint;
        var far = (IPEndPoint)door.LocalEndPoint!;

        Assert.Equal(EffectiveUserId(), PeerCredentials.UserIdOf(accepted));
        Assert.Equal(EffectiveUserId(), SocketDiagnostics.UserIdOf(near, far));
        Assert.Equal(EffectiveUserId(), SocketTable.UserIdOf(near, far));
    }

    [Theory]
    [InlineData(65534)]
    [InlineData(4_000_000_000)]         // as the users of containers and of directories have them
    public async Task Another_users_uid_is_told_and_not_ours(uint user)
    {
        using Socket door = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)door.LocalEndPoint!).Port;
        string[] dial = ["bash", "-c", $"exec 3<>/dev/tcp/127.0.0.1/{port}; read -u 3 line; echo told $line"];

        // Only root can become somebody else.
        string[] command = EffectiveUserId() == 0 ? ["setpriv", $"--reuid={user}", "--clear-groups", .. dial] : dial;
        await using ChildProcess client = ChildProcess.Start(command[0], command[1..]);
        using Socket accepted = await door.AcceptAsync(TestContext.Current.CancellationToken);

        uint expected = EffectiveUserId() == 0 ? user : EffectiveUserId();
        Assert.Equal(expected, PeerCredentials.UserIdOf(accepted));
        Assert.Equal(expected, SocketTable.UserIdOf((IPEndPoint)accepted.RemoteEndPoint!, (IPEndPoint)door.LocalEndPoint!));
        accepted.Send("once\n"u8);
        await client.WaitForLineAsync(line => line == "told once");
    }

    [Fact]
    public async Task A_client_that_has_closed_its_socket_is_not_taken_for_root()
    {
        using Socket door = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        DoorClient client = await DoorClient.ConnectAsync(door.LocalEndPoint!);
        using Socket accepted = await door.AcceptAsync(TestContext.Current.CancellationToken);

        client.Dispose();

        Assert.Null(PeerCredentials.UserIdOf(accepted));
    }

    [Fact]
    public async Task Who_has_gone_is_not_looked_for_in_the_whole_table()
    {
        using Socket door = Listen(new IPEndPoint(IPAddress.Loopback, 0));
        using DoorClient here = await DoorClient.ConnectAsync(door.LocalEndPoint!);
        using Socket first = await door.AcceptAsync(TestContext.Current.CancellationToken);
        PeerCredentials.UserIdOf(first);
        using (var torn = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { LingerState = new LingerOption(true, 0) })
        {
            await torn.ConnectAsync(door.LocalEndPoint!, TestContext.Current.CancellationToken);
        }

        using Socket second = await door.AcceptAsync(TestContext.Current.CancellationToken);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Null(PeerCredentials.UserIdOf(second));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 2048);
    }

    [Fact]
    public void A_connection_that_is_not_there_has_no_user()
    {
        var nowhere = new IPEndPoint(IPAddress.Loopback, 1);

        Assert.Null(SocketDiagnostics.UserIdOf(nowhere, nowhere));
        Assert.Null(SocketTable.UserIdOf(nowhere, nowhere));
    }

    [Fact]
    public async Task The_uid_stands_in_the_Received_field_over_TCP_and_over_a_Unix_socket()
    {
        using var folder = new TemporaryFolder();
        await using var listener = new ListenerUnderTest(new ListenerOptions { Endpoints = ["127.0.0.1:0", $"unix:{folder["smtp.sock"]}"] });
        await listener.StartAsync();

        foreach (EndPoint endpoint in listener.Endpoints)
        {
            using DoorClient client = await DoorClient.ConnectAsync(endpoint);
            await client.SayAsync("HELO web1\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n");
            await client.HearAllAsync();
        }

        string uid = string.Create(CultureInfo.InvariantCulture, $"uid {EffectiveUserId()}");
        Assert.Equal(2, listener.Store.Messages.Count);
        Assert.All(
            listener.Store.Messages,
            message => Assert.Contains(uid, Sequences.Text(listener.Store.Octets(message.Id)), StringComparison.Ordinal));
    }

    [Fact]
    public void A_user_has_a_name() => Assert.Equal("root", LocalUsers.NameOf(0));

    [Fact]
    public void A_user_that_is_none_has_no_name() => Assert.Equal("", LocalUsers.NameOf(1_999_999_999));

    private static Socket Listen(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(endpoint);
        socket.Listen();
        return socket;
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint EffectiveUserId();
}
