using System.Globalization;
using System.Net;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Processes;

/// <summary>The relay as a service manager starts it: with sockets that are open already, and somebody who wants to know how it is.</summary>
public sealed class ServiceManagerTests : IDisposable
{
    private const int SigHup = 1;
    private const int SigTerm = 15;

    /// <summary>systemd's part: opens two sockets, says where, and becomes the program, which has them as descriptors 3 and 4.</summary>
    private const string Launcher = """
        import fcntl, os, socket, sys
        sockets = [socket.create_server(("127.0.0.1", 0)), socket.create_server(("127.0.0.1", 0))]
        print("sockets", *[s.getsockname()[1] for s in sockets], flush=True)
        high = [fcntl.fcntl(s.fileno(), fcntl.F_DUPFD, 10) for s in sockets]
        for i, s in enumerate(high):
            os.dup2(s, 3 + i)
        os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="2", LISTEN_FDNAMES="smtp:smtp")
        os.execvp(sys.argv[1], sys.argv[1:])
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_says_when_it_is_ready_reloads_lives_and_stops()
    {
        using var ear = new NotifySocket(_folder["notify"]);
        await using ChildProcess relay = Start(ear.Environment(watchdog: TimeSpan.FromSeconds(1)), "--Listener:Endpoints=127.0.0.1:0");

        Assert.Equal(["READY=1"], await ear.NextAsync());
        await ear.NextAsync("STATUS=Nothing waits");
        await ear.NextAsync("WATCHDOG=1");

        relay.Signal(SigHup);
        await ear.NextAsync("RELOADING=1");
        await ear.NextAsync("READY=1");

        relay.Signal(SigTerm);
        await ear.NextAsync("STOPPING=1");
        Assert.Equal(0, await relay.WaitAsync());
    }

    [Fact]
    public async Task A_start_that_fails_was_never_ready()
    {
        using var ear = new NotifySocket(_folder["notify"]);
        await using ChildProcess relay = Start(ear.Environment(), "--Listener:Endpoints=127.0.0.1:0", "--Smarthost:Tls=Perhaps");

        Assert.Equal(78, await relay.WaitAsync());

        // What a later start says is the first that is heard.
        await using ChildProcess again = Start(ear.Environment(), "--Listener:Endpoints=127.0.0.1:0");
        Assert.Equal(["READY=1"], await ear.NextAsync());
        await ear.NextAsync("STATUS=Nothing waits");
    }

    [Fact]
    public async Task Sockets_that_are_handed_over_are_where_it_listens_without_any_setting()
    {
        await using ChildProcess relay = ChildProcess.Start("python3", ["-c", Launcher, "dotnet", .. Arguments()]);
        string line = await relay.WaitForLineAsync(line => line.StartsWith("sockets ", StringComparison.Ordinal));
        int[] ports = [.. line.Split(' ')[1..].Select(port => int.Parse(port, CultureInfo.InvariantCulture))];

        foreach (int port in ports)
        {
            // Before it has started, a client waits; it is not refused.
            await using RawClient client = await RawClient.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
            Assert.StartsWith("250", await client.CommandAsync("EHLO test.example"));
        }

        string ready = await relay.WaitForLineAsync(line => line.Contains("ready: ", StringComparison.Ordinal));
        Assert.Contains($"listening on 127.0.0.1:{ports[0]}, 127.0.0.1:{ports[1]};", ready, StringComparison.Ordinal);
    }

    private ChildProcess Start(Dictionary<string, string> environment, params string[] settings) =>
        ChildProcess.Start("dotnet", [.. Arguments(), .. settings], environment);

    private string[] Arguments() =>
    [
        RelayProcess.Assembly, "serve", "--Smarthost:Host=smarthost.test", $"--Queue:Path={_folder["queue"]}", "--Queue:MinFreeOctets=0",
        "--Rewrite:AliasFile=",
    ];
}
