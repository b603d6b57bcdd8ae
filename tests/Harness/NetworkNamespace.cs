using System.ComponentModel;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace RelayProxy.Harness;

/// <summary>A network of its own, with nothing in it but loopback until it is wired. It is gone with the last process that lives in it.</summary>
internal sealed partial class NetworkNamespace : IAsyncDisposable
{
    private const int CloneNewNet = 0x40000000;

    /// <summary>What keeps it while nobody else is in it.</summary>
    private readonly ChildProcess _keeper;

    private NetworkNamespace(ChildProcess keeper) => _keeper = keeper;

    private string Name => string.Create(CultureInfo.InvariantCulture, $"/proc/{_keeper.Id}/ns/net");

    public static async Task<NetworkNamespace> CreateAsync()
    {
        if (!Environment.IsPrivilegedProcess)
        {
            throw new InvalidOperationException("Network namespaces are root's to make: run the tests as root.");
        }

        ChildProcess keeper = ChildProcess.Start("unshare", ["--net", "sh", "-c", "ip link set lo up && echo ready && exec sleep infinity"]);
        try
        {
            await keeper.WaitForLineAsync(line => line == "ready");
            return new NetworkNamespace(keeper);
        }
        catch
        {
            await keeper.DisposeAsync();
            throw;
        }
    }

    /// <summary>The command line that runs a program in here.</summary>
    public string[] Enter(params string[] program) => ["nsenter", $"--net={Name}", .. program];

    /// <summary>Runs a program to its end, and fails with what it wrote if it failed.</summary>
    public async Task<string> RunAsync(params string[] program)
    {
        string[] line = Enter(program);
        (int status, string output) = await ChildProcess.RunAsync(line[0], line[1..]);
        return status == 0 ? output : throw new InvalidOperationException($"{string.Join(' ', program)} ended with {status}:\n{output}");
    }

    public ChildProcess Start(params string[] program)
    {
        string[] line = Enter(program);
        return ChildProcess.Start(line[0], line[1..]);
    }

    /// <summary>A socket of this process that is in here: it belongs to the network in which it was made, whoever uses it.</summary>
    public Socket OpenSocket(AddressFamily family, SocketType type, ProtocolType protocol)
    {
        Socket? socket = null;
        ExceptionDispatchInfo? fault = null;

        // A thread that has moved does not come back: it ends.
        var mover = new Thread(() =>
        {
            try
            {
                using SafeFileHandle network = File.OpenHandle(Name, share: FileShare.ReadWrite);
                socket = Move(network, CloneNewNet) == 0 ? new Socket(family, type, protocol) : throw new Win32Exception();
            }
            catch (Exception exception)
            {
                fault = ExceptionDispatchInfo.Capture(exception);
            }
        });
        mover.Start();
        mover.Join();
        fault?.Throw();
        return socket!;
    }

    /// <summary>Lays a cable from here to another: <c>eth0</c> there, with this address.</summary>
    /// <param name="bridge">What it is plugged into here.</param>
    public async Task WireAsync(NetworkNamespace other, string bridge, string name, string address)
    {
        await LayAsync(other, name);
        await RunAsync("ip", "link", "set", name, "master", bridge, "up");
        await other.AddressAsync(address);
    }

    /// <summary>Lays a cable from here to another, with nothing in between: <c>eth0</c> at both ends, with these addresses.</summary>
    public async Task WireAsync(NetworkNamespace other, string address, string addressThere)
    {
        await LayAsync(other, "eth0");
        await AddressAsync(address);
        await other.AddressAsync(addressThere);
    }

    public ValueTask DisposeAsync() => _keeper.DisposeAsync();

    private async Task LayAsync(NetworkNamespace other, string name) => await RunAsync(
        "ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", other._keeper.Id.ToString(CultureInfo.InvariantCulture));

    private async Task AddressAsync(string address)
    {
        await RunAsync("ip", "address", "add", $"{address}/24", "dev", "eth0");
        await RunAsync("ip", "link", "set", "eth0", "up");
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int Move(SafeFileHandle network, int kind);
}
