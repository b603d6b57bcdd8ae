using System.Globalization;
using System.Net.Sockets;

namespace RelayProxy.Listener;

/// <summary>Why an endpoint cannot be had, and the way out, in words.</summary>
internal static class BindTrouble
{
    /// <summary>A port above those that need a privilege, for the way out.</summary>
    private const int UnprivilegedPort = 2525;

    public static string Of(IpListenerEndpoint endpoint, SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => Taken(endpoint),
        SocketError.AccessDenied => Denied(endpoint),
        SocketError.AddressNotAvailable =>
            $"Listener:Endpoints has {endpoint.Text}, and this host has no such address; use one of its own, or leave the endpoint out",
        SocketError.AddressFamilyNotSupported =>
            $"Listener:Endpoints has {endpoint.Text}, and this host speaks no such protocol; leave the endpoint out",
        _ => $"Listener:Endpoints has {endpoint.Text}, and listening there failed: {new SocketException((int)error).Message} ({error})",
    };

    private static string Taken(IpListenerEndpoint endpoint)
    {
        string holder = PortHolder.Find(endpoint.Address) is { } name ? $"{name} listens there" : "another program listens there";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Listener:Endpoints has {endpoint.Text}, and the port is taken: {holder}; stop it, or use another port (Listener:Endpoints={Beside(endpoint)})");
    }

    /// <summary>EACCES: the port is below <c>net.ipv4.ip_unprivileged_port_start</c>.</summary>
    private static string Denied(IpListenerEndpoint endpoint) => string.Create(
        CultureInfo.InvariantCulture,
        $"Listener:Endpoints has {endpoint.Text}, and port {endpoint.Address.Port} needs a right that this user does not have. Three ways to get it: "
        + $"let systemd give it (AmbientCapabilities=CAP_NET_BIND_SERVICE, or a .socket unit and Listener:Endpoints=systemd); "
        + $"lower the first port that needs no right (sysctl net.ipv4.ip_unprivileged_port_start={endpoint.Address.Port}); "
        + $"or use a higher port (Listener:Endpoints={Beside(endpoint)})");

    private static string Beside(IpListenerEndpoint endpoint) =>
        new System.Net.IPEndPoint(endpoint.Address.Address, UnprivilegedPort).ToString();
}
