using System.Net;
using System.Net.Sockets;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Listener;

/// <summary>The door, with real sockets.</summary>
public class SmtpListenerTests
{
    private static CancellationToken Patience => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData("[::1]:0")]
    public async Task A_message_comes_in_over_loopback(string endpoint)
    {
        await using ListenerUnderTest listener = await ListenerUnderTest.StartAsync(endpoint);
        using Socket socket = await ConnectAsync(listener.Endpoint);
        await using var stream = new NetworkStream(socket);
        using var reader = new StreamReader(stream);

        await stream.WriteAsync("EHLO web1\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n"u8.ToArray(), Patience);
        await stream.WriteAsync("Subject: x\r\n\r\nbody\r\n.\r\nQUIT\r\n"u8.ToArray(), Patience);
        string dialogue = await reader.ReadToEndAsync(Patience);

        Assert.StartsWith("220 relay.test ESMTP\r\n", dialogue, StringComparison.Ordinal);
        Assert.EndsWith($"250 2.0.0 Queued as {Assert.Single(listener.Store.Messages).Id}\r\n221 2.0.0 Goodbye\r\n", dialogue, StringComparison.Ordinal);
    }

    private static async Task<Socket> ConnectAsync(EndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, endpoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        await socket.ConnectAsync(endpoint, Patience);
        return socket;
    }
}
