using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace RelayProxy.Proof.Client;

/// <summary>Stands between the relay and a smarthost that speaks without TLS, passes everything on, and reports each CR without LF and each LF
/// without CR that the relay lets onto the wire.</summary>
internal sealed class WireTap : IAsyncDisposable
{
    private readonly Socket _door = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly EndPoint _beyond;
    private readonly ConcurrentBag<Task> _passing = [];
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly Task _accepting;

    public WireTap(EndPoint beyond)
    {
        _beyond = beyond;
        _door.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _door.Listen();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_door.LocalEndPoint!).Port;

    public IReadOnlyCollection<string> Violations => _violations;

    public async ValueTask DisposeAsync()
    {
        _door.Dispose();
        await _accepting;
        await Task.WhenAll(_passing);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket near = await _door.AcceptAsync();
                _passing.Add(PassAsync(near));
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // Nobody is let in any more.
        }
    }

    private async Task PassAsync(Socket near)
    {
        using Socket relay = near;
        using var smarthost = new Socket(_beyond.AddressFamily, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            near.NoDelay = true;
            await smarthost.ConnectAsync(_beyond);
            await Task.WhenAll(PumpAsync(near, smarthost, isWatched: true), PumpAsync(smarthost, near, isWatched: false));
        }
        catch (SocketException)
        {
            // One of the two has gone.
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool isWatched)
    {
        byte[] octets = new byte[64 * 1024];
        bool isAfterCarriageReturn = false;
        for (int read; (read = await from.ReceiveAsync(octets)) > 0;)
        {
            if (isWatched)
            {
                Watch(octets.AsSpan(0, read), ref isAfterCarriageReturn);
            }

            await to.SendAsync(octets.AsMemory(0, read));
        }

        to.Shutdown(SocketShutdown.Send);
    }

    private void Watch(ReadOnlySpan<byte> octets, ref bool isAfterCarriageReturn)
    {
        for (int i = 0; i < octets.Length; i++)
        {
            if (isAfterCarriageReturn != (octets[i] == '\n'))
            {
                _violations.Enqueue(Convert.ToHexString(octets[Math.Max(0, i - 20)..Math.Min(octets.Length, i + 20)]));
            }

            isAfterCarriageReturn = octets[i] == '\r';
        }
    }
}
