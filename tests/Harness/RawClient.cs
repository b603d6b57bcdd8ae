using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RelayProxy.Harness;

/// <summary>An SMTP client over a real socket that says exactly what a test has it say.</summary>
internal sealed class RawClient : IAsyncDisposable
{
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(60);
    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    private RawClient(Stream stream) => _stream = stream;

    /// <summary>Connects, and reads the greeting.</summary>
    /// <param name="network">Where from; the machine's own if left out.</param>
    public static async Task<RawClient> ConnectAsync(EndPoint endPoint, NetworkNamespace? network = null)
    {
        bool isLocal = endPoint is UnixDomainSocketEndPoint;
        ProtocolType protocol = isLocal ? ProtocolType.Unspecified : ProtocolType.Tcp;
        Socket socket = network?.OpenSocket(endPoint.AddressFamily, SocketType.Stream, protocol)
            ?? new Socket(endPoint.AddressFamily, SocketType.Stream, protocol);
        if (!isLocal)
        {
            socket.NoDelay = true;
        }

        await socket.ConnectAsync(endPoint);
        var client = new RawClient(new NetworkStream(socket, ownsSocket: true));
        await client.ReplyAsync();
        return client;
    }

    public Task SendAsync(string octets) => SendAsync(Encoding.Latin1.GetBytes(octets));

    public async Task SendAsync(ReadOnlyMemory<byte> octets)
    {
        using var safety = new CancellationTokenSource(s_safety);
        await _stream.WriteAsync(octets, safety.Token);
    }

    /// <summary>Sends a command and reads its reply.</summary>
    public async Task<string> CommandAsync(string line)
    {
        await SendAsync(line + "\r\n");
        return await ReplyAsync();
    }

    /// <summary>The next reply, its lines joined by LF; empty if the connection has ended.</summary>
    public async Task<string> ReplyAsync()
    {
        var lines = new List<string>();
        while (true)
        {
            string? line = await LineAsync();
            if (line is null)
            {
                return string.Join('\n', lines);
            }

            lines.Add(line);
            if (line.Length < 4 || line[3] != '-')
            {
                return string.Join('\n', lines);
            }
        }
    }

    /// <summary>Sends one message in a session that has said EHLO, and returns the final reply (or the first refusal).</summary>
    public async Task<string> MailAsync(string sender, IEnumerable<string> recipients, ReadOnlyMemory<byte> content)
    {
        string reply = await CommandAsync($"MAIL FROM:<{sender}>");
        foreach (string recipient in recipients)
        {
            if (!reply.StartsWith('2'))
            {
                return reply;
            }

            reply = await CommandAsync($"RCPT TO:<{recipient}>");
        }

        reply = reply.StartsWith('2') ? await CommandAsync("DATA") : reply;
        if (!reply.StartsWith("354", StringComparison.Ordinal))
        {
            return reply;
        }

        await SendAsync(content);
        return await CommandAsync("\r\n.");
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<string?> LineAsync()
    {
        using var safety = new CancellationTokenSource(s_safety);
        var line = new StringBuilder();
        while (true)
        {
            for (; _start < _end; _start++)
            {
                if (_buffer[_start] == '\n')
                {
                    _start++;
                    return line.ToString(0, Math.Max(0, line.Length - 1));
                }

                line.Append((char)_buffer[_start]);
            }

            try
            {
                _start = 0;
                _end = await _stream.ReadAsync(_buffer, safety.Token);
            }
            catch (IOException)
            {
                _end = 0;
            }

            if (_end == 0)
            {
                return null;
            }
        }
    }
}
