using System.Net;
using System.Net.Sockets;
using RelayProxy.Smtp;

namespace RelayProxy.Upstream;

/// <summary>
/// Opens TCP connections. The name is looked up anew each time (RFC 5321 §5.1: addresses change), all its addresses are tried, staggered
/// (<see cref="HappyEyeballs"/>), and none of them may be this relay itself.
/// </summary>
/// <param name="ownEndpoints">Where this relay listens. A smarthost that leads back here would be a loop.</param>
internal sealed class TcpDialer(TimeProvider clock, Func<IReadOnlyCollection<IPEndPoint>> ownEndpoints) : IDialer
{
    private const int KeepAliveSeconds = 60;

    /// <summary>How names become addresses; tests put their own in its place.</summary>
    public Func<string, CancellationToken, Task<IPAddress[]>> Resolve { get; init; } = Dns.GetHostAddressesAsync;

    /// <summary>How one address is connected to; tests put their own in its place.</summary>
    public Func<IPEndPoint, CancellationToken, Task<Stream>> Connect { get; init; } = ConnectAsync;

    public async ValueTask<DialedStream> DialAsync(string host, int port, TimeSpan connectTimeout, CancellationToken cancellationToken)
    {
        IPAddress[] addresses = await ResolveAsync(host, connectTimeout, cancellationToken);
        if (addresses.Length == 0)
        {
            throw new SocketException((int)SocketError.HostNotFound);
        }

        IReadOnlyCollection<IPEndPoint> own = ownEndpoints();
        IPEndPoint[] others = [.. HappyEyeballs.Order(addresses).Select(address => new IPEndPoint(address, port)).Where(place => !IsOwn(place, own))];
        return others.Length == 0
            ? throw new OwnListenerException($"connect to {host}:{port}: that is this relay itself; Smarthost:Host has to name another server")
            : await new HappyEyeballs(clock, Connect).ConnectAsync(host, others, connectTimeout, cancellationToken);
    }

    /// <summary>Whether a connection there would arrive at one of our own listeners.</summary>
    public static bool IsOwn(IPEndPoint place, IReadOnlyCollection<IPEndPoint> ownEndpoints)
    {
        IPAddress address = Unmapped(place.Address);
        foreach (IPEndPoint own in ownEndpoints)
        {
            if (own.Port != place.Port)
            {
                continue;
            }

            IPAddress listening = Unmapped(own.Address);
            bool any = listening.Equals(IPAddress.Any) || listening.Equals(IPAddress.IPv6Any);
            if (listening.Equals(address) || (any && IsThisMachine(address)) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            {
                return true;
            }
        }

        return false;
    }

    private static IPAddress Unmapped(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static bool IsThisMachine(IPAddress address) =>
        IPAddress.IsLoopback(address)
        || System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(card => card.GetIPProperties().UnicastAddresses)
            .Any(own => own.Address.Equals(address));

    private async Task<IPAddress[]> ResolveAsync(string host, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out IPAddress? literal))
        {
            return [literal];
        }

        // The resolver's own patience is a matter of /etc/resolv.conf and can be minutes; and it cannot be interrupted.
        using var deadline = new Deadline(clock, cancellationToken);
        deadline.Start(timeout);
        Task<IPAddress[]> lookup = Resolve(host, deadline.Token);
        lookup.Abandon();
        try
        {
            return await lookup.WaitAsync(deadline.Token);
        }
        catch (OperationCanceledException) when (deadline.Passed)
        {
            throw new SocketException((int)SocketError.TryAgain);
        }
    }

    private static async Task<Stream> ConnectAsync(IPEndPoint place, CancellationToken cancellationToken)
    {
        var socket = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, KeepAliveSeconds);
            await socket.ConnectAsync(place, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}

/// <summary>The smarthost's address is one that this relay itself listens on.</summary>
internal sealed class OwnListenerException(string message) : IOException(message);
