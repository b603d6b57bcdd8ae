using System.Globalization;
using RelayProxy.Harness;
using RelayProxy.Integration.Foreign;

namespace RelayProxy.Integration.Sidecar;

/// <summary>A network of its own, with nothing in it but loopback until it is wired. It is gone with the last process that lives in it.</summary>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    /// <summary>What keeps it while nobody else is in it.</summary>
    private readonly ChildProcess _keeper;

    private NetworkNamespace(ChildProcess keeper) => _keeper = keeper;

    public static async Task<NetworkNamespace> CreateAsync()
    {
        await Programs.RequireAsync("unshare", "nsenter", "setpriv", "ip");
        Assert.True(Environment.IsPrivilegedProcess, "Network namespaces are root's to make: run the tests as root.");

        ChildProcess keeper = ChildProcess.Start("unshare", ["--net", "sh", "-c", "ip link set lo up && echo ready && exec sleep infinity"]);
        await keeper.WaitForLineAsync(line => line == "ready");
        return new NetworkNamespace(keeper);
    }

    /// <summary>The command line that runs a program in here.</summary>
    public string[] Enter(params string[] program) => ["nsenter", $"--net=/proc/{_keeper.Id.ToString(CultureInfo.InvariantCulture)}/ns/net", .. program];

    public async Task<string> RunAsync(params string[] program)
    {
        string[] line = Enter(program);
        return await Programs.RunAsync(line[0], line[1..]);
    }

    public ChildProcess Start(params string[] program)
    {
        string[] line = Enter(program);
        return ChildProcess.Start(line[0], line[1..]);
    }

    /// <summary>Lays a cable from here to another: <c>eth0</c> there, with this address.</summary>
    /// <param name="bridge">What it is plugged into here.</param>
    public async Task WireAsync(NetworkNamespace other, string bridge, string name, string address)
    {
        await RunAsync("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", other._keeper.Id.ToString(CultureInfo.InvariantCulture));
        await RunAsync("ip", "link", "set", name, "master", bridge, "up");
        await other.RunAsync("ip", "address", "add", $"{address}/24", "dev", "eth0");
        await other.RunAsync("ip", "link", "set", "eth0", "up");
    }

    public ValueTask DisposeAsync() => _keeper.DisposeAsync();
}
