using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RelayProxy.Integration.Listener;

/// <summary>A client of the door: says octets, hears lines, and sees how the connection ends.</summary>
internal sealed class DoorClient : IDisposable
{
    private readonly Socket _socket;
    private readonly StreamReader _reader;

    private DoorClient(Socket socket)
    {
        _socket = socket;
        _reader = new StreamReader(new NetworkStream(socket), Encoding.Latin1);
    }

    public EndPoint LocalEndPoint => _socket.LocalEndPoint!;

    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    public static async Task<DoorClient> ConnectAsync(EndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, endpoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        await socket.ConnectAsync(endpoint, Patience);
        return new DoorClient(socket);
    }

    public async Task SayAsync(string octets) => await _socket.SendAsync(Encoding.Latin1.GetBytes(octets), Patience);

    /// <summary>The next line; <c>null</c> at the end.</summary>
    public async Task<string?> HearAsync() => await _reader.ReadLineAsync(Patience);

    /// <summary>All lines to the end.</summary>
    public async Task<string> HearAllAsync() => await _reader.ReadToEndAsync(Patience);

    /// <summary>Says something that has one line for an answer.</summary>
    public async Task<string?> AskAsync(string line)
    {
        await SayAsync(line + "\r\n");
        return await HearAsync();
    }

    /// <summary>No more will be said.</summary>
    public void Shutdown() => _socket.Shutdown(SocketShutdown.Send);

    /// <summary>Tears the connection away.</summary>
    public void Reset()
    {
        _socket.LingerState = new LingerOption(true, 0);
        _socket.Dispose();
    }

    public void Dispose()
    {
        _reader.Dispose();
        _socket.Dispose();
    }
}
