using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace RelayProxy.Listener;

/// <summary>
/// The local user at the other end of a connection. Port 25 asks for no password, but the kernel knows who opened the socket: a Unix
/// socket says so itself, for loopback TCP it is in the socket table. Not to know is no fault: <c>null</c>.
/// </summary>
internal static class PeerCredentials
{
    public static uint? UserIdOf(Socket connection)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                return null;
            }

            if (connection.AddressFamily == AddressFamily.Unix)
            {
                return OfUnixSocket(connection);
            }

            // The peer's socket has the same two ends, the other way round. Only on this host is it in our table.
            return connection is { LocalEndPoint: IPEndPoint ours, RemoteEndPoint: IPEndPoint theirs } ? OfTcpSocket(theirs, ours) : null;
        }
        catch (Exception trouble) when (trouble is SocketException or ObjectDisposedException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Whether the peer is on this machine, be it by one of its addresses that others reach it at.</summary>
    public static bool IsOfThisMachine(Socket connection)
    {
        if (connection.RemoteEndPoint is not IPEndPoint { Address: var address } || ListenerOptionsRules.IsLoopback(address))
        {
            return true;
        }

        try
        {
            // Only what is ours can be bound, and to bind a datagram socket means nothing to anybody.
            using var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            socket.Bind(new IPEndPoint(address, 0));
            return true;
        }
        catch (SocketException trouble)
        {
            return trouble.SocketErrorCode != SocketError.AddressNotAvailable;
        }
    }

    /// <summary>The table is read whole, so it is asked only for those who are sure to be on it, and not for those who have gone already: a thousand that
    /// come and tear themselves away would have it read a thousand times.</summary>
    private static uint? OfTcpSocket(IPEndPoint theirs, IPEndPoint ours) => SocketDiagnostics.UserIdOf(theirs, ours) switch
    {
        { } userId => userId,
        null when SocketDiagnostics.HasAnswered || !ListenerOptionsRules.IsLoopback(theirs.Address) => null,
        null => SocketTable.UserIdOf(theirs, ours),
    };

    /// <summary>unix(7): <c>struct ucred { pid_t pid; uid_t uid; gid_t gid; }</c>, as it was when the peer connected.</summary>
    private static uint? OfUnixSocket(Socket connection)
    {
        Span<byte> credentials = stackalloc byte[12];
        return connection.GetRawSocketOption(LinuxNative.SolSocket, LinuxNative.SoPeerCred, credentials) == credentials.Length
            ? BinaryPrimitives.ReadUInt32LittleEndian(credentials[4..])
            : null;
    }
}
