using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RelayProxy.Harness;

/// <summary>Takes what is posted to it over HTTP, and keeps it.</summary>
internal sealed class FakeCollector : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentQueue<(string Path, string Body)> _posts = new();
    private readonly Task _accepting;

    public FakeCollector()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    /// <summary>A char for each octet.</summary>
    public IReadOnlyList<(string Path, string Body)> Posts => [.. _posts];

    public async ValueTask DisposeAsync()
    {
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync();
                _ = ServeAsync(client);
            }
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // Stopped.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            await using (NetworkStream stream = client.GetStream())
            using (var reader = new StreamReader(stream, Encoding.Latin1))
            {
                while (await reader.ReadLineAsync() is { Length: > 0 } request)
                {
                    int length = 0;
                    while (await reader.ReadLineAsync() is { Length: > 0 } field)
                    {
                        if (field.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                        {
                            length = int.Parse(field["Content-Length:".Length..], CultureInfo.InvariantCulture);
                        }
                    }

                    char[] body = new char[length];
                    await reader.ReadBlockAsync(body);
                    _posts.Enqueue((request.Split(' ')[1], new string(body)));
                    await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
                }
            }
        }
        catch (IOException)
        {
            // It has gone.
        }
    }
}
