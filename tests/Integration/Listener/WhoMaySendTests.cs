using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RelayProxy.Harness;
using RelayProxy.Listener;
using RelayProxy.Session;

namespace RelayProxy.Integration.Listener;

/// <summary>The lists of users at the door: whom the kernel names, wherever he knocks. The tests are root, and so is the relay.</summary>
public sealed class WhoMaySendTests
{
    private const int Nobody = 65534;
    private const string Refused = "554 5.7.1 uid 65534 (nobody) may not send mail here (Listener:DeniedUsers)";

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    [InlineData("unix")]
    public async Task Whoever_is_denied_hears_so_at_once_and_others_are_served(string endpoint)
    {
        using var folder = new TemporaryFolder();
        File.SetUnixFileMode(folder.Path, (UnixFileMode)0x1ED);
        var options = new ListenerOptions { Endpoints = [endpoint == "unix" ? $"unix:{folder["smtp.sock"]}" : endpoint], DeniedUsers = ["nobody"] };
        await using var listener = new ListenerUnderTest(options);
        await listener.StartAsync();

        Assert.Equal(Refused, await GreetingOfAsync(listener.Endpoint, Nobody));
        Assert.StartsWith("220 ", await GreetingOfAsync(listener.Endpoint, 1), StringComparison.Ordinal);
        Assert.StartsWith("220 ", await GreetingOfAsync(listener.Endpoint, 0), StringComparison.Ordinal);
        string told = Assert.Single(listener.Logger.Entries, entry => entry.Text.Contains("refused", StringComparison.Ordinal)).Text;
        Assert.Contains(" uid=65534(nobody): connection refused: 554 5.7.1", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_lists_hold_for_the_next_who_knocks()
    {
        var options = new ListenerOptions { Endpoints = ["127.0.0.1:0"] };
        await using var listener = new ListenerUnderTest(options);
        await listener.StartAsync();
        Assert.StartsWith("220 ", await GreetingOfAsync(listener.Endpoint, Nobody), StringComparison.Ordinal);

        options.AllowedUsers = ["@daemon"];

        Assert.Equal(
            "554 5.7.1 uid 65534 (nobody) may not send mail here (Listener:AllowedUsers)", await GreetingOfAsync(listener.Endpoint, Nobody));
        Assert.StartsWith("220 ", await GreetingOfAsync(listener.Endpoint, 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_is_put_on_a_list_sends_no_more_in_the_session_that_he_holds_open()
    {
        var options = new ListenerOptions { Endpoints = ["127.0.0.1:0"] };
        await using var listener = new ListenerUnderTest(options);
        await listener.StartAsync();
        await using RawClient client = await RawClient.ConnectAsync(listener.Endpoint);
        await client.CommandAsync("HELO web1");
        Assert.StartsWith("250", await client.MailAsync("a@example.org", ["b@example.com"], "x\r\n"u8.ToArray()), StringComparison.Ordinal);

        options.DeniedUsers = ["root"];

        Assert.Equal("554 5.7.1 uid 0 (root) may not send mail here (Listener:DeniedUsers)", await client.CommandAsync("MAIL FROM:<a@example.org>"));
        options.DeniedUsers = [];
        Assert.StartsWith("250", await client.CommandAsync("MAIL FROM:<a@example.org>"), StringComparison.Ordinal);
    }

    /// <summary>What waits in the queue of a socket has hung up before the relay looks at it, and the kernel has forgotten whose it was.</summary>
    [Fact]
    public async Task Whoever_hangs_up_before_he_is_looked_at_sends_nothing()
    {
        using var door = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        door.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        door.Listen();
        using (DoorClient hasty = await DoorClient.ConnectAsync(door.LocalEndPoint!))
        {
            await hasty.SayAsync("HELO web1\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.com>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n");
        }

        using Socket accepted = await door.AcceptAsync(TestContext.Current.CancellationToken);
        Assert.Null(PeerCredentials.UserIdOf(accepted));
        Assert.True(PeerCredentials.IsOfThisMachine(accepted));
        var policy = new UserPolicy(static () => new ListenerOptions { DeniedUsers = ["nobody"] }, TimeProvider.System, relay: 0);
        Assert.Equal(
            Replies.UserNotKnown, policy.RefusalOf(PeerCredentials.UserIdOf(accepted), () => PeerCredentials.IsOfThisMachine(accepted)));
    }

    /// <summary>Where the relay serves a network, a user of this machine may come by its address there.</summary>
    [Fact]
    public async Task Whoever_comes_by_another_address_of_this_machine_is_known_too()
    {
        IPAddress address = AnotherAddress();
        await using var listener = new ListenerUnderTest(new ListenerOptions
        {
            Endpoints = [$"{address}:0"], AllowNonLoopback = true, AllowedNetworks = [$"{address}/32"], DeniedUsers = ["nobody"],
        });
        await listener.StartAsync();

        Assert.Equal(Refused, await GreetingOfAsync(listener.Endpoint, Nobody));
    }

    /// <summary>On a machine that has loopback only, that.</summary>
    private static IPAddress AnotherAddress() => System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(static network => network.GetIPProperties().UnicastAddresses)
        .Select(static unicast => unicast.Address)
        .Where(static address => address.AddressFamily == AddressFamily.InterNetwork)
        .OrderBy(IPAddress.IsLoopback)
        .First();

    /// <summary>What a user hears first; and that is all, if it is a refusal.</summary>
    private static async Task<string> GreetingOfAsync(EndPoint endpoint, int user)
    {
        string target = endpoint is IPEndPoint ip
            ? string.Create(CultureInfo.InvariantCulture, $"socket.create_connection(('{ip.Address}', {ip.Port}))")
            : $"socket.socket(socket.AF_UNIX); s.connect('{endpoint}')";
        string script = $"import os, socket, encodings.idna; os.setgid({user}); os.setuid({user}); s = {target}\nl = s.makefile().readline(); print('heard', l.strip(), flush=True)\n"
            + "if l[0] != '2': assert s.recv(1) == b''";
        await using ChildProcess client = ChildProcess.Start("python3", ["-c", script]);
        string line = await client.WaitForLineAsync(static line => line.StartsWith("heard ", StringComparison.Ordinal));
        Assert.Equal(0, await client.WaitAsync());
        return line["heard ".Length..];
    }
}
