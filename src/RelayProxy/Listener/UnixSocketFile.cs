using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace RelayProxy.Listener;

/// <summary>Listens at a Unix socket. Who may connect is said by the permissions of its file, which are set before anybody can: between
/// <c>bind</c> and <c>listen</c> a socket refuses everybody.</summary>
internal static class UnixSocketFile
{
    private const uint Unchanged = uint.MaxValue;

    /// <exception cref="ListenerBindException">The socket cannot be had.</exception>
    public static Socket Listen(UnixListenerEndpoint endpoint, ListenerOptions options, int backlog)
    {
        RemoveStale(endpoint);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(endpoint.Path));
            Open(endpoint, options);
            socket.Listen(backlog);
            return socket;
        }
        catch (Exception trouble)
        {
            socket.Dispose();
            throw trouble as ListenerBindException ?? new ListenerBindException(
                $"Listener:Endpoints has {endpoint.Text}, and listening there failed: {trouble.Message}; "
                + $"this user must be able to write to {Path.GetDirectoryName(endpoint.Path)}",
                trouble);
        }
    }

    private static void Open(UnixListenerEndpoint endpoint, ListenerOptions options)
    {
        if (options.UnixSocketGroup.Length > 0)
        {
            if (LocalUsers.TryFindGroup(options.UnixSocketGroup, out uint group) != Answer.Yes)
            {
                throw new ListenerBindException(
                    $"Listener:UnixSocketGroup is \"{options.UnixSocketGroup}\", and there is no such group; create it, or name another");
            }

            if (LinuxNative.ChangeOwner(endpoint.Path, Unchanged, group) != 0)
            {
                throw new ListenerBindException(
                    $"Listener:UnixSocketGroup is \"{options.UnixSocketGroup}\", and {endpoint.Path} cannot be given to it: "
                    + $"{Marshal.GetLastPInvokeErrorMessage()}; make this user a member of the group");
            }
        }

        if (!OperatingSystem.IsWindows() && ListenerOptionsRules.TryParseMode(options.UnixSocketMode, out UnixFileMode mode))
        {
            File.SetUnixFileMode(endpoint.Path, mode);
        }
    }

    /// <summary>Removes the socket that a relay left behind which could not clean up; never one that somebody listens at, and never
    /// anything that is no socket.</summary>
    private static void RemoveStale(UnixListenerEndpoint endpoint)
    {
        var file = new FileInfo(endpoint.Path);
        if (!file.Exists && file.LinkTarget is null)
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(endpoint.Path));
        }
        catch (SocketException trouble) when (trouble.SocketErrorCode == SocketError.ConnectionRefused && IsSocket(file))
        {
            file.Delete();
            return;
        }
        catch (SocketException trouble)
        {
            throw new ListenerBindException(
                $"Listener:Endpoints has {endpoint.Text}, and there is something that is not a socket of ours ({trouble.Message}); remove it, or use another path",
                trouble);
        }

        throw new ListenerBindException(
            $"Listener:Endpoints has {endpoint.Text}, and another program listens there; stop it, or use another path");
    }

    /// <summary>connect(2) also says ECONNREFUSED of an ordinary file, and follows links.</summary>
    private static bool IsSocket(FileInfo file) =>
        file.LinkTarget is null && LinuxNative.IsSocketFile(file.FullName);
}
