using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace RelayProxy.Delivery.Local;

/// <summary>Where an LMTP server listens: <c>unix:/run/dovecot/lmtp</c>, <c>127.0.0.1:24</c>, <c>[::1]:24</c>, <c>mail.example.net:24</c>.</summary>
internal sealed record LmtpEndpoint(string Text, EndPoint Address)
{
    private const string Unix = "unix:";

    public static bool TryParse(string text, [NotNullWhen(true)] out LmtpEndpoint? endpoint)
    {
        endpoint = Read(text) is { } address ? new LmtpEndpoint(text, address) : null;
        return endpoint is not null;
    }

    /// <exception cref="SocketException"/>
    public async ValueTask<Stream> ConnectAsync(CancellationToken cancellationToken)
    {
        bool isUnix = Address is UnixDomainSocketEndPoint;
        var socket = isUnix
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(Address, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static EndPoint? Read(string text)
    {
        if (text.StartsWith(Unix, StringComparison.OrdinalIgnoreCase))
        {
            // 107 octets are what a socket's address has room for.
            string path = text[Unix.Length..];
            return path.StartsWith('/') && System.Text.Encoding.UTF8.GetByteCount(path) <= 107 ? new UnixDomainSocketEndPoint(path) : null;
        }

        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port) || port == 0)
        {
            return null;
        }

        string host = text[..colon];
        if (host is ['[', .., ']'])
        {
            return IPAddress.TryParse(host[1..^1], out IPAddress? literal) ? new IPEndPoint(literal, port) : null;
        }

        if (IPAddress.TryParse(host, out IPAddress? address))
        {
            return address.AddressFamily == AddressFamily.InterNetwork ? new IPEndPoint(address, port) : null;
        }

        return Uri.CheckHostName(host) == UriHostNameType.Dns ? new DnsEndPoint(host, port) : null;
    }
}
