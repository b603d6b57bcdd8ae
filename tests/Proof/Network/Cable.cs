using System.Net;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Network;

/// <summary>What becomes of a cable.</summary>
internal enum CableFault
{
    /// <summary>This side has no network any more: whatever it sends fails at once.</summary>
    DownHere,

    /// <summary>The far side has none; here that is a silence.</summary>
    DownThere,

    /// <summary>What is sent from here gets lost.</summary>
    LosesCommands,

    /// <summary>What is sent here arrives there, and what is sent from there gets lost: acknowledgements too.</summary>
    LosesReplies,

    /// <summary>Nothing arrives anywhere.</summary>
    LosesAll,
}

/// <summary>Two networks and a cable between them, and nothing else in them.</summary>
internal sealed class Cable : IAsyncDisposable
{
    private const string AddressHere = "10.205.0.1", AddressThere = "10.205.0.2";

    private Cable(NetworkNamespace here, NetworkNamespace there) => (Here, There) = (here, there);

    public NetworkNamespace Here { get; }

    public NetworkNamespace There { get; }

    public static IPAddress FarEnd { get; } = IPAddress.Parse(AddressThere);

    public static async Task<Cable> LayAsync()
    {
        var cable = new Cable(await NetworkNamespace.CreateAsync(), await NetworkNamespace.CreateAsync());
        await cable.Here.WireAsync(cable.There, AddressHere, AddressThere);
        return cable;
    }

    public async Task CutAsync(CableFault fault)
    {
        if (fault is CableFault.DownHere or CableFault.DownThere)
        {
            await (fault == CableFault.DownHere ? Here : There).RunAsync("ip", "link", "set", "eth0", "down");
        }

        if (fault is CableFault.LosesCommands or CableFault.LosesAll)
        {
            await MisdirectAsync(Here, AddressThere);
        }

        if (fault is CableFault.LosesReplies or CableFault.LosesAll)
        {
            await MisdirectAsync(There, AddressHere);
        }
    }

    public async Task HealAsync()
    {
        foreach (NetworkNamespace end in (NetworkNamespace[])[Here, There])
        {
            await end.RunAsync("ip", "link", "set", "eth0", "up");
            await end.RunAsync("ip", "neighbour", "flush", "all", "nud", "permanent");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await There.DisposeAsync();
        await Here.DisposeAsync();
    }

    /// <summary>To a card that nobody has: a switch that has gone mad.</summary>
    private static async Task MisdirectAsync(NetworkNamespace end, string address) =>
        await end.RunAsync("ip", "neighbour", "replace", address, "lladdr", "02:00:00:00:00:01", "dev", "eth0", "nud", "permanent");
}
