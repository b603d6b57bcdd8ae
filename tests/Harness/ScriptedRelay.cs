using System.Net;
using System.Net.Sockets;
using System.Text;
using RelayProxy.Submission.Handing;

namespace RelayProxy.Harness;

/// <summary>
/// A relay that a test plays, on a real socket: for each connection a script. <c>S: text</c> is what it says, <c>C: text</c> what it then
/// wants to hear, to the letter; <c>C.</c> is content up to the dot, <c>S!</c> a connection that is closed. What was heard is kept, and whatever
/// stands behind the script's end is read and never answered.
/// </summary>
internal sealed class ScriptedRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _served;

    public ScriptedRelay(params string[][] scripts)
    {
        _listener.Start();
        _served = ServeAsync(scripts);
    }

    public RelayEndpoint EndPoint
    {
        get
        {
            SocketAddress address = _listener.LocalEndpoint.Serialize();
            return new RelayEndpoint(_listener.LocalEndpoint.ToString()!, address.Buffer[..address.Size].ToArray());
        }
    }

    /// <summary>The contents, in the order in which they came.</summary>
    public List<string> Contents { get; } = [];

    /// <summary>Ends when every script has been played to its end, and tells where one was not.</summary>
    public async Task PlayedAsync() => await _served;

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await Task.WhenAny(_served);
        _stopping.Dispose();
    }

    private async Task ServeAsync(string[][] scripts)
    {
        foreach (string[] script in scripts)
        {
            using TcpClient client = await _listener.AcceptTcpClientAsync(_stopping.Token);
            client.NoDelay = true;
            using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
            foreach (string step in script)
            {
                await PlayAsync(step, client, reader);
            }
        }
    }

    private async Task PlayAsync(string step, TcpClient client, StreamReader reader)
    {
        switch (step[..2])
        {
            case "S:":
                await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(step[3..] + "\r\n"), _stopping.Token);
                break;
            case "C:":
                string? line = await reader.ReadLineAsync(_stopping.Token);
                if (line != step[3..])
                {
                    throw new InvalidOperationException($"expected {step[3..]}, heard {line}");
                }

                break;
            case "C.":
                var content = new StringBuilder();
                while (await reader.ReadLineAsync(_stopping.Token) is { } text && text != ".")
                {
                    content.Append(text).Append('\n');
                }

                Contents.Add(content.ToString());
                break;
            case "S!":
                client.Client.Shutdown(SocketShutdown.Both);
                break;
            default:
                throw new FormatException(step);
        }
    }
}
