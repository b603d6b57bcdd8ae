using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RelayProxy.Benchmarks.Load;

/// <summary>A program that sends mail, one message after the other, in blocking calls on a thread of its own: nothing is cheaper, and the machine belongs to the server.</summary>
/// <param name="isPipelined">MAIL, RCPT and DATA in one write (RFC 2920).</param>
internal sealed class LoadClient(IPEndPoint server, Letter letter, bool isPipelined) : IDisposable
{
    private static readonly byte[] s_hello = "EHLO load.example.org\r\n"u8.ToArray();
    private static readonly byte[] s_quit = "QUIT\r\n"u8.ToArray();
    private readonly byte[] _input = new byte[4096];
    private Socket? _socket;
    private int _begin;
    private int _end;

    /// <summary>Connects if need be, and sends one message.</summary>
    /// <param name="number">Of the message.</param>
    /// <returns>When its last octet was handed to the kernel (UTC).</returns>
    public DateTime Send(int number)
    {
        if (_socket is null)
        {
            _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            _socket.Connect(server);
            Hear(1);
            Say(s_hello, 1);
        }

        if (isPipelined)
        {
            Say(Letter.Group(number), 3);
        }
        else
        {
            foreach (byte[] line in Letter.Commands(number))
            {
                Say(line, 1);
            }
        }

        Write(letter.Content);
        DateTime sent = DateTime.UtcNow;
        Hear(1);
        return sent;
    }

    /// <summary>Says goodbye; the next message gets a connection of its own.</summary>
    public void HangUp()
    {
        Say(s_quit, 1);
        Dispose();
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
        _begin = _end = 0;
    }

    private void Say(byte[] octets, int replies)
    {
        Write(octets);
        Hear(replies);
    }

    private void Write(ReadOnlySpan<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            octets = octets[_socket!.Send(octets)..];
        }
    }

    private void Hear(int replies)
    {
        while (true)
        {
            replies -= TakeReplies();
            if (replies == 0)
            {
                return;
            }

            _input.AsSpan(_begin, _end - _begin).CopyTo(_input);
            (_begin, _end) = (0, _end - _begin);
            int received = _socket!.Receive(_input.AsSpan(_end));
            _end += received > 0 ? received : throw new IOException("The server hung up.");
        }
    }

    private int TakeReplies()
    {
        int replies = 0;
        while (_input.AsSpan(_begin, _end - _begin).IndexOf("\r\n"u8) is >= 0 and var length)
        {
            ReadOnlySpan<byte> line = _input.AsSpan(_begin, length);
            if (line[0] is not ((byte)'2' or (byte)'3'))
            {
                throw new IOException($"The server said: {Encoding.ASCII.GetString(line)}");
            }

            replies += line[3] == ' ' ? 1 : 0;
            _begin += length + 2;
        }

        return replies;
    }
}
