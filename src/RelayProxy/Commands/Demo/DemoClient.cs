using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using RelayProxy.Smtp;

namespace RelayProxy.Commands.Demo;

/// <summary>The small local program of the demonstration: hands one message to the relay as any program on this machine would.</summary>
internal sealed class DemoClient
{
    private readonly List<DialogueLine> _dialogue = [];

    /// <summary>What was said so far.</summary>
    public IReadOnlyList<DialogueLine> Dialogue => _dialogue;

    /// <summary>Sends one message, and hangs up.</summary>
    /// <param name="message">CRLF line ends, no line that starts with a dot.</param>
    /// <returns>The reply that ended it: 250 to the content if all went well, else the first refusal.</returns>
    /// <exception cref="IOException">The connection was lost.</exception>
    /// <exception cref="SocketException">There was none.</exception>
    public async Task<SmtpReply> SendAsync(IPEndPoint relay, string sender, string recipient, string message, CancellationToken cancellationToken)
    {
        using var socket = new Socket(relay.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(relay, cancellationToken);
        using var stream = new NetworkStream(socket);
        var replies = new ReplyReader(PipeReader.Create(stream));

        string[] commands = ["EHLO localhost", $"MAIL FROM:<{sender}>", $"RCPT TO:<{recipient}>", "DATA", message + "."];
        SmtpReply reply = await HearAsync(replies, cancellationToken);
        foreach (string command in commands)
        {
            if (reply.Severity is not (Severity.Success or Severity.Intermediate))
            {
                break;
            }

            await SayAsync(stream, command, cancellationToken);
            reply = await HearAsync(replies, cancellationToken);
        }

        await SayAsync(stream, "QUIT", cancellationToken);
        await HearAsync(replies, cancellationToken);
        return reply;
    }

    private async Task SayAsync(Stream stream, string text, CancellationToken cancellationToken)
    {
        Note(fromServer: false, text);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text + "\r\n"), cancellationToken);
    }

    private async Task<SmtpReply> HearAsync(ReplyReader replies, CancellationToken cancellationToken)
    {
        SmtpReply reply = await replies.ReadAsync(cancellationToken);
        var wire = new ArrayBufferWriter<byte>();
        ReplyWriter.Write(reply, wire, allowUtf8: false);
        Note(fromServer: true, Encoding.ASCII.GetString(wire.WrittenSpan[..^2]));
        return reply;
    }

    private void Note(bool fromServer, string lines) => _dialogue.AddRange(lines.Split("\r\n").Select(line => new DialogueLine(fromServer, line)));
}
