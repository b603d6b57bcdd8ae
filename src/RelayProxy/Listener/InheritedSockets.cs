using System.Globalization;
using System.Net.Sockets;

namespace RelayProxy.Listener;

/// <summary>Sockets that systemd has opened for us (sd_listen_fds(3)): with them port 25 needs no right at all, and mail that comes while the
/// relay restarts waits in the backlog.</summary>
/// <param name="environment">Reads an environment variable.</param>
/// <param name="processId">Ours: descriptors meant for another process are not ours to take.</param>
/// <param name="firstDescriptor">SD_LISTEN_FDS_START.</param>
internal sealed class InheritedSockets(Func<string, string?> environment, int processId, int firstDescriptor = 3)
{
    public static InheritedSockets OfThisProcess { get; } = new(Environment.GetEnvironmentVariable, Environment.ProcessId);

    /// <summary>Whether there are any.</summary>
    public bool AreThere => Count > 0;

    private int Count => Number("LISTEN_PID") == processId ? Number("LISTEN_FDS") : 0;

    /// <exception cref="ListenerBindException">There are none, or they are not what can be listened at.</exception>
    public IReadOnlyList<Socket> Take(InheritedListenerEndpoint endpoint)
    {
        if (!AreThere)
        {
            throw new ListenerBindException(
                $"Listener:Endpoints has {endpoint.Text}, and systemd has handed over no socket; start the relay by its .socket unit, or name an address");
        }

        string[] names = environment("LISTEN_FDNAMES")?.Split(':') ?? [];
        var sockets = new List<Socket>();
        for (int i = 0; i < Count; i++)
        {
            if (endpoint.Name.Length == 0 || (i < names.Length && names[i] == endpoint.Name))
            {
                sockets.Add(Adopt(firstDescriptor + i, endpoint));
            }
        }

        return sockets.Count > 0
            ? sockets
            : throw new ListenerBindException(
                $"Listener:Endpoints has {endpoint.Text}, and systemd has handed over no socket of that name but {string.Join(", ", names)}; "
                + "see FileDescriptorName= in the .socket unit");
    }

    private static Socket Adopt(int descriptor, InheritedListenerEndpoint endpoint)
    {
        try
        {
            LinuxNative.SetCloseOnExec(descriptor);
            var socket = new Socket(new SafeSocketHandle(descriptor, ownsHandle: true));
            Span<byte> isListening = stackalloc byte[sizeof(int)];
            _ = socket.GetRawSocketOption(LinuxNative.SolSocket, LinuxNative.SoAcceptConn, isListening);
            return isListening[0] != 0 && socket.SocketType == SocketType.Stream
                ? socket
                : throw new ListenerBindException(
                    $"Listener:Endpoints has {endpoint.Text}, and descriptor {descriptor} is no socket that listens; use ListenStream= and Accept=no in the .socket unit");
        }
        catch (SocketException trouble)
        {
            throw new ListenerBindException($"Listener:Endpoints has {endpoint.Text}, and descriptor {descriptor} is no socket: {trouble.Message}", trouble);
        }
    }

    private int Number(string variable) =>
        int.TryParse(environment(variable), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
}
