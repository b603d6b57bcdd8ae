using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RelayProxy.Telemetry;

namespace RelayProxy.Listener;

/// <summary>Opens the sockets to listen at: all of them, or none. What a service manager has opened is listened at whatever the settings
/// name, or its clients would be let in and never hear a word; only <c>systemd:name</c> chooses among them.</summary>
internal static partial class ListenSockets
{
    private const int Backlog = 512;

    /// <exception cref="ListenerBindException">One of them cannot be had.</exception>
    public static IReadOnlyList<Socket> Open(ListenerOptions options, InheritedSockets inherited, ILogger logger)
    {
        List<ListenerEndpoint> endpoints = Parse(options);
        if (inherited.AreThere && !endpoints.OfType<InheritedListenerEndpoint>().Any())
        {
            endpoints.Add(InheritedListenerEndpoint.All);
        }

        return endpoints.Count > 0
            ? Open([.. endpoints.OrderByDescending(endpoint => endpoint is InheritedListenerEndpoint)], mayLackSome: false, options, inherited, logger)
            : Open(ListenerEndpoint.Defaults, mayLackSome: true, options, inherited, logger);
    }

    /// <param name="mayLackSome">An endpoint whose address this host does not have is left out, as long as one is left.</param>
    public static IReadOnlyList<Socket> Open(
        IReadOnlyList<ListenerEndpoint> endpoints, bool mayLackSome, ListenerOptions options, InheritedSockets inherited, ILogger logger)
    {
        var sockets = new List<Socket>();
        try
        {
            foreach (ListenerEndpoint endpoint in endpoints.Where(endpoint => !IsOpen(endpoint, sockets)))
            {
                sockets.AddRange(Open(endpoint, options, inherited, mayLackSome, logger));
            }

            return sockets.Count > 0
                ? sockets
                : throw new ListenerBindException("This host has neither 127.0.0.1 nor ::1; bring the loopback interface up (ip link set lo up)");
        }
        catch
        {
            sockets.ForEach(static socket => socket.Dispose());
            throw;
        }
    }

    /// <summary>A service manager that holds the very address has done what is asked for.</summary>
    private static bool IsOpen(ListenerEndpoint endpoint, List<Socket> sockets) =>
        endpoint is IpListenerEndpoint { Address: { } address } && sockets.Exists(socket => address.Equals(socket.LocalEndPoint));

    private static List<ListenerEndpoint> Parse(ListenerOptions options)
    {
        var endpoints = new List<ListenerEndpoint>();
        foreach (string text in ListenerEndpoint.Split(options.Endpoints))
        {
            endpoints.Add(ListenerEndpoint.TryParse(text, out ListenerEndpoint? endpoint, out string problem)
                ? endpoint!
                : throw new ListenerBindException($"Listener:Endpoints is \"{text}\", {problem}"));
        }

        return endpoints;
    }

    private static IEnumerable<Socket> Open(
        ListenerEndpoint endpoint, ListenerOptions options, InheritedSockets inherited, bool mayLack, ILogger logger)
    {
        switch (endpoint)
        {
            case InheritedListenerEndpoint handedOver:
                return inherited.Take(handedOver);
            case UnixListenerEndpoint unix:
                return [UnixSocketFile.Listen(unix, options, Backlog)];
            case IpListenerEndpoint ip:
                try
                {
                    return [Listen(ip.Address)];
                }
                catch (SocketException trouble) when (mayLack
                    && trouble.SocketErrorCode is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
                {
                    Log.Skipped(logger, ip.Text, trouble.Message);
                    return [];
                }
                catch (SocketException trouble)
                {
                    throw new ListenerBindException(BindTrouble.Of(ip, trouble.SocketErrorCode), trouble);
                }

            default:
                throw new InvalidOperationException($"{endpoint} is of no known kind");
        }
    }

    /// <exception cref="SocketException"/>
    public static Socket Listen(IPEndPoint address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6)
            {
                // [::]:25 is all of IPv6 and nothing else, so that 0.0.0.0:25 can stand beside it.
                socket.DualMode = false;
            }

            // On Linux .NET sets SO_REUSEADDR, so that a restart need not wait for old connections; never SO_REUSEPORT, with which another
            // program could take a share of the mail.
            socket.Bind(address);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.EndpointSkipped, LogLevel.Information, "Not listening at {Endpoint}, which this host does not have: {Trouble}")]
        public static partial void Skipped(ILogger logger, string endpoint, string trouble);
    }
}
