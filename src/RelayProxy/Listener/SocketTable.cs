using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RelayProxy.Listener;

/// <summary>The kernel's table of TCP sockets as text (proc_net(5)): where sock_diag may not be asked, and to find who holds a port.</summary>
internal static class SocketTable
{
    /// <summary>Rows looked at: a host with more sockets than this is asked no further.</summary>
    private const int MaxRows = 20_000;

    private const string Listening = "0A";

    /// <summary>The owner of the socket whose own end is <paramref name="near"/>; <c>null</c> if it is not found.</summary>
    public static uint? UserIdOf(IPEndPoint near, IPEndPoint far)
    {
        string nearText = Text(near);
        string farText = Text(far);
        foreach (string[] row in Rows(near.AddressFamily))
        {
            // A socket that its owner has closed has no inode any more, and its uid then reads 0: that is not root.
            if (row[1] == nearText && row[2] == farText && row[9] != "0")
            {
                return uint.TryParse(row[7], NumberStyles.None, CultureInfo.InvariantCulture, out uint userId) ? userId : null;
            }
        }

        return null;
    }

    /// <summary>The inodes of all sockets that listen where <paramref name="endpoint"/> would.</summary>
    public static IReadOnlyList<string> ListenersAt(IPEndPoint endpoint)
    {
        var any = new IPEndPoint(endpoint.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, endpoint.Port);
        var both = new IPEndPoint(IPAddress.IPv6Any, endpoint.Port);
        string[] taken = [Text(endpoint), Text(any), Text(both)];
        return
        [
            .. Rows(AddressFamily.InterNetwork).Concat(Rows(AddressFamily.InterNetworkV6))
                .Where(row => row[3] == Listening && taken.Contains(row[1]))
                .Select(row => row[9]),
        ];
    }

    /// <summary>As the table writes an end: each 32-bit word of the address in the order of the machine, the port in that of the network.</summary>
    private static string Text(IPEndPoint end)
    {
        byte[] address = end.Address.GetAddressBytes();
        string text = "";
        for (int i = 0; i < address.Length; i += 4)
        {
            text += BinaryPrimitives.ReadUInt32LittleEndian(address.AsSpan(i)).ToString("X8", CultureInfo.InvariantCulture);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{text}:{end.Port:X4}");
    }

    private static IEnumerable<string[]> Rows(AddressFamily family)
    {
        string path = family == AddressFamily.InterNetworkV6 ? "/proc/net/tcp6" : "/proc/net/tcp";
        return File.Exists(path)
            ? File.ReadLines(path)
                .Skip(1)
                .Take(MaxRows)
                .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(static row => row.Length > 9)
            : [];
    }
}
