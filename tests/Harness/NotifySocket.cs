using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace RelayProxy.Harness;

/// <summary>A service manager's ear: the datagram socket that NOTIFY_SOCKET names, and what came in on it.</summary>
internal sealed class NotifySocket : IDisposable
{
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(60);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

    /// <param name="name">As in NOTIFY_SOCKET: a path, or an abstract name behind <c>@</c>.</param>
    public NotifySocket(string name)
    {
        Name = name;
        _socket.Bind(new UnixDomainSocketEndPoint(name[0] == '@' ? "\0" + name[1..] : name));
    }

    public string Name { get; }

    /// <summary>The next notice: its lines.</summary>
    public async Task<string[]> NextAsync()
    {
        using var safety = new CancellationTokenSource(s_safety);
        byte[] notice = new byte[8192];
        int length = await _socket.ReceiveAsync(notice, safety.Token);
        return Encoding.UTF8.GetString(notice, 0, length).Split('\n');
    }

    /// <summary>The next notice that has such a line; those before it are passed over.</summary>
    public async Task<string[]> NextAsync(string start)
    {
        while (true)
        {
            string[] notice = await NextAsync();
            if (notice.Any(line => line.StartsWith(start, StringComparison.Ordinal)))
            {
                return notice;
            }
        }
    }

    /// <summary>The environment of a program that is started under it.</summary>
    public Dictionary<string, string> Environment(TimeSpan? watchdog = null)
    {
        var environment = new Dictionary<string, string> { ["NOTIFY_SOCKET"] = Name };
        if (watchdog is { } patience)
        {
            environment["WATCHDOG_USEC"] = ((long)patience.TotalMicroseconds).ToString(CultureInfo.InvariantCulture);
        }

        return environment;
    }

    public void Dispose() => _socket.Dispose();
}
