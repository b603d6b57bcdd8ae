using System.Net;
using System.Net.Sockets;
using System.Text;
using RelayProxy.Commands.Demo;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Commands.Demo;

public class DemoClientTests
{
    [Fact]
    public async Task A_message_is_sent_and_every_line_of_the_dialogue_is_kept()
    {
        (SmtpReply reply, IReadOnlyList<DialogueLine> dialogue) = await SendAsync(
            "220 relay\r\n", "250-relay\r\n250 SIZE 1\r\n", "250 2.1.0 Ok\r\n", "250 2.1.5 Ok\r\n", "354 Go on\r\n", "250 2.0.0 Queued as X\r\n", "221 2.0.0 Bye\r\n");

        Assert.Equal(new SmtpReply(250, 0, 0, "Queued as X"), reply);
        Assert.Equal(
            [
                "S 220 relay", "C EHLO localhost", "S 250-relay", "S 250 SIZE 1", "C MAIL FROM:<a@b>", "S 250 2.1.0 Ok", "C RCPT TO:<c@d>", "S 250 2.1.5 Ok",
                "C DATA", "S 354 Go on", "C Subject: x", "C ", "C text", "C .", "S 250 2.0.0 Queued as X", "C QUIT", "S 221 2.0.0 Bye",
            ],
            dialogue.Select(line => $"{(line.FromServer ? 'S' : 'C')} {line.Text}"));
    }

    [Fact]
    public async Task The_first_refusal_ends_it()
    {
        (SmtpReply reply, IReadOnlyList<DialogueLine> dialogue) = await SendAsync(
            "220 relay\r\n", "250 relay\r\n", "452 4.3.1 Disk full\r\n", "221 2.0.0 Bye\r\n");

        Assert.Equal("452 4.3.1 Disk full", reply.ToString());
        Assert.Equal("221 2.0.0 Bye", dialogue[^1].Text);
    }

    /// <summary>A relay that gives these replies, one for each thing it is told.</summary>
    private static async Task<(SmtpReply Reply, IReadOnlyList<DialogueLine> Dialogue)> SendAsync(params string[] replies)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task relay = AnswerAsync(listener, replies);
        var client = new DemoClient();

        SmtpReply reply = await client.SendAsync(
            (IPEndPoint)listener.LocalEndpoint, "a@b", "c@d", "Subject: x\r\n\r\ntext\r\n", TestContext.Current.CancellationToken);
        await relay;
        return (reply, client.Dialogue);
    }

    private static async Task AnswerAsync(TcpListener listener, string[] replies)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync();
        using NetworkStream stream = client.GetStream();
        using var commands = new StreamReader(stream);
        bool content = false;
        foreach (string reply in replies)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(reply));
            string? line;
            do
            {
                line = await commands.ReadLineAsync();
            }
            while (content && line is not (null or "."));

            content = line == "DATA";
        }
    }
}
