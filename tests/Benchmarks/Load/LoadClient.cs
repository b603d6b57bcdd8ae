using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RelayProxy.Benchmarks.Load;

/// <summary>A program that sends mail, one message after the other, as cheaply as it can: the machine belongs to the server.</summary>
/// <param name="isPipelined">MAIL, RCPT and DATA in one write (RFC 2920).</param>
internal sealed class LoadClient(IPEndPoint server, ReadOnlyMemory<byte> message, bool isPipelined) : IDisposable
{
    private static readonly byte[] s_hello = "EHLO load.example.org\r\n"u8.ToArray();
    private static readonly byte[][] s_envelope =
        ["MAIL FROM:<app@example.org>\r\n"u8.ToArray(), "RCPT TO:<box@example.net>\r\n"u8.ToArray(), "DATA\r\n"u8.ToArray()];

    private static readonly byte[] s_group = [.. s_envelope.SelectMany(line => line)];
    private readonly byte[] _input = new byte[4096];
    private Socket? _socket;
    private int _begin;
    private int _end;

    /// <summary>A message of so many octets, with the end of data behind it.</summary>
    public static ReadOnlyMemory<byte> Message(int octets)
    {
        var text = new StringBuilder();
        text.Append("From: app@example.org\r\nTo: box@example.net\r\nSubject: load\r\nDate: Sun, 22 Nov 2026 06:30:12 +0000\r\n");
        text.Append("Message-ID: <load@example.org>\r\n\r\n");
        while (text.Length < octets)
        {
            text.Append('x', Math.Clamp(octets - text.Length - 2, 1, 76)).Append("\r\n");
        }

        return Encoding.ASCII.GetBytes(text.Append(".\r\n").ToString());
    }

    /// <summary>Connects if need be, and sends one message.</summary>
    /// <returns>When its last octet was handed to the kernel.</returns>
    public async ValueTask<DateTimeOffset> SendAsync()
    {
        if (_socket is null)
        {
            _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await _socket.ConnectAsync(server);
            await HearAsync(1);
            await SayAsync(s_hello, 1);
        }

        if (isPipelined)
        {
            await SayAsync(s_group, s_envelope.Length);
        }
        else
        {
            foreach (byte[] line in s_envelope)
            {
                await SayAsync(line, 1);
            }
        }

        await WriteAsync(message);
        DateTimeOffset sent = DateTimeOffset.UtcNow;
        await HearAsync(1);
        return sent;
    }

    /// <summary>Says goodbye; the next message gets a connection of its own.</summary>
    public async ValueTask HangUpAsync()
    {
        await SayAsync("QUIT\r\n"u8.ToArray(), 1);
        Dispose();
    }

    public void Dispose()
    {
        _socket?.Dispose();
        _socket = null;
        _begin = _end = 0;
    }

    private async ValueTask SayAsync(ReadOnlyMemory<byte> octets, int replies)
    {
        await WriteAsync(octets);
        await HearAsync(replies);
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> octets)
    {
        while (!octets.IsEmpty)
        {
            octets = octets[await _socket!.SendAsync(octets)..];
        }
    }

    private async ValueTask HearAsync(int replies)
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
            int received = await _socket!.ReceiveAsync(_input.AsMemory(_end));
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
