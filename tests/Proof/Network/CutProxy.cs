using System.Net;
using System.Net.Sockets;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Network;

/// <summary>Stands between a relay and its smarthost, on TCP, and cuts the next connection at the octet it is told.</summary>
internal sealed class CutProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly FakeSmarthost _smarthost;
    private readonly Task _serving;
    private readonly List<Task> _connections = [];
    private volatile Order? _order;

    public CutProxy(FakeSmarthost smarthost)
    {
        _smarthost = smarthost;
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Cuts the next connection.</summary>
    /// <returns>Ends with it, and tells how much went through.</returns>
    public Task<CutStream> CutNext(Cut cut)
    {
        var order = new Order(cut);
        _order = order;
        return order.Ended.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _serving;
        await Task.WhenAll(_connections);
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                Socket relay = await _listener.AcceptSocketAsync();
                Order? order = _order;
                _order = null;
                _connections.Add(PassAsync(relay, order));
            }
        }
        catch (SocketException)
        {
            // The test is over.
        }
    }

    private async Task PassAsync(Socket relay, Order? order)
    {
        relay.NoDelay = true;
        using var near = new NetworkStream(relay, ownsSocket: true);
        var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await far.ConnectAsync(IPAddress.Loopback, _smarthost.Port);
        using var wire = new CutStream(new NetworkStream(far, ownsSocket: true), order?.Cut ?? Cut.Nowhere);
        Task replies = CopyAsync(wire, near), commands = CopyAsync(near, wire);

        // Whoever is silent waits for the relay; in all other cases the first end is the end of both.
        await (order?.Cut.Kind == CutKind.Silent ? commands : Task.WhenAny(replies, commands));
        if (order?.Cut.Kind == CutKind.Reset)
        {
            relay.LingerState = new LingerOption(true, 0);
        }

        near.Dispose();
        wire.Dispose();
        await Task.WhenAll(replies, commands);
        order?.Ended.SetResult(wire);
    }

    private static async Task CopyAsync(Stream from, Stream to)
    {
        try
        {
            await from.CopyToAsync(to);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // It was cut here, or closed there.
        }
    }

    private sealed record Order(Cut Cut)
    {
        public TaskCompletionSource<CutStream> Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
