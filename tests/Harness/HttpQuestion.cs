using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RelayProxy.Harness;

/// <summary>An HTTP client that says exactly what a test has it say.</summary>
internal static class HttpQuestion
{
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(30);

    /// <summary>The status and the body of a GET.</summary>
    public static async Task<(int Status, string Body)> GetAsync(EndPoint endpoint, string path)
    {
        string reply = await AskAsync(endpoint, $"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n");
        return (int.Parse(reply.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture), reply[(reply.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..]);
    }

    /// <summary>Everything that is answered.</summary>
    public static async Task<string> AskAsync(EndPoint endpoint, string octets)
    {
        using Socket socket = await ConnectAsync(endpoint);
        await socket.SendAsync(Encoding.Latin1.GetBytes(octets));
        return await HearAsync(socket);
    }

    public static async Task<Socket> ConnectAsync(EndPoint endpoint)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(endpoint);
        return socket;
    }

    /// <summary>All that comes until the far side closes; a connection that is torn away has nothing to say.</summary>
    public static async Task<string> HearAsync(Socket socket)
    {
        using var safety = new CancellationTokenSource(s_safety);
        var heard = new StringBuilder();
        byte[] octets = new byte[4096];
        try
        {
            while (await socket.ReceiveAsync(octets, safety.Token) is > 0 and int length)
            {
                heard.Append(Encoding.UTF8.GetString(octets, 0, length));
            }
        }
        catch (SocketException)
        {
            // Torn away.
        }

        return heard.ToString();
    }
}
