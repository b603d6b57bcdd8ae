using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Network;

/// <summary>The one name server of a network, over UDP. It says of each name what a test has it say, at first nothing.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<string, Func<Question, byte[]?>> _answers = new();
    private readonly ConcurrentDictionary<string, int> _asked = new();
    private readonly Task _serving;

    public NameServer(NetworkNamespace network)
    {
        _socket = network.OpenSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        _socket.Bind(new IPEndPoint(Address, 53));
        _serving = ServeAsync();
    }

    public static IPAddress Address { get; } = new([127, 0, 0, 53]);

    /// <param name="answer">Octet for octet; <c>null</c> from it: no answer at all.</param>
    public void Say(string name, Func<Question, byte[]?> answer) => _answers[name] = answer;

    public int Asked(string name) => _asked.GetValueOrDefault(name);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _serving;
        _socket.Dispose();
        _closing.Dispose();
    }

    private async Task ServeAsync()
    {
        byte[] buffer = new byte[1500];
        try
        {
            while (true)
            {
                SocketReceiveFromResult came = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, new IPEndPoint(IPAddress.Any, 0), _closing.Token);
                var question = new Question(buffer[..came.ReceivedBytes]);
                _asked.AddOrUpdate(question.Name, 1, (_, times) => times + 1);
                if (_answers.TryGetValue(question.Name, out Func<Question, byte[]?>? answer) && answer(question) is { } reply)
                {
                    await _socket.SendToAsync(reply, SocketFlags.None, came.RemoteEndPoint, _closing.Token);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It is being closed.
        }
    }
}
