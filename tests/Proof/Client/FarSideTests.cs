using System.Globalization;
using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Client;

/// <summary>
/// What the relay takes, other people's parsers read as the same mail: for each message accepted they see exactly one, whatever stood where an end
/// might be read, and no lone CR or LF is ever on the wire to them.
/// </summary>
public sealed class FarSideTests : IDisposable
{
    private const int Clients = 8;
    private readonly string _queue = Directory.CreateTempSubdirectory("relayproxy-farside-").FullName;

    public void Dispose() => Directory.Delete(_queue, recursive: true);

    [Theory]
    [InlineData("aiosmtpd")]
    [InlineData("smtp-sink")]
    public async Task One_message_in_is_one_message_out(string parser)
    {
        await using ForeignSink sink = await ForeignSink.StartAsync(parser);
        await using var tap = new WireTap(sink.EndPoint);
        await using RelayProcess relay = await RelayProcess.StartAsync(
            _queue, "Smarthost:Host=127.0.0.1", $"Smarthost:Port={tap.Port}", "Smarthost:Tls=None", "Smarthost:Provider=Unlimited", "Smarthost:MaxConnections=8",
            "Smarthost:HeloName=relay.test", "Intake:HostName=relay.test", "Rewrite:Origin=example.org", "Rewrite:AliasFile=", "Listener:MaxCommands=100000000");

        Letter[] letters = [.. Letters(Extent.Of(3, 8)).Select((letter, number) => letter with { Number = number })];
        await Task.WhenAll(letters.Chunk((letters.Length / Clients) + 1).Select(share => SendAsync(relay, share)));
        await RelayedAsync();

        string[] arrived = [.. sink.Mails().Select(Told).Order(StringComparer.Ordinal)];
        string[] sent = [.. letters.Select(letter => $"box@example.net {letter.Number} {letter.Expected}").Order(StringComparer.Ordinal)];
        int smuggled = arrived.Length - sent.Length;
        Figures.Note(
            "far side", ("parser", parser), ("accepted", sent.Length), ("smuggled", smuggled), ("lone CR or LF on the wire", tap.Violations.Count),
            ("altered", arrived.Except(sent).Count()));
        Assert.Equal(sent, arrived);
        Assert.Empty(tap.Violations);
    }

    /// <summary>Every string behind a line's beginning and behind its end: by BDAT, where all of it is content, and by DATA, as far as it holds no
    /// end.</summary>
    private static IEnumerable<Letter> Letters(int length)
    {
        foreach (string text in Sequences.Words("\r\n.x", length).SelectMany(word => (string[])["x" + word, "x\r\n" + word]))
        {
            yield return new Letter(IsChunk: true, text, ReferenceServer.Normalized(text));
            if (ReferenceServer.TakeMessage(text + "\r\n.\r\n") is (var message, ""))
            {
                var reference = new ReferenceServer(rejects: false);
                reference.Take(text + "\r\n.\r\n");
                yield return new Letter(IsChunk: false, text, reference.Messages[0]);
            }
        }
    }

    private static async Task SendAsync(RelayProcess relay, Letter[] letters)
    {
        await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
        await client.CommandAsync("EHLO test.example");
        foreach (Letter letter in letters)
        {
            string content = string.Create(CultureInfo.InvariantCulture, $"Subject: {letter.Number}\r\n\r\n{letter.Text}");
            await client.SendAsync(
                "MAIL FROM:<app@example.org>\r\nRCPT TO:<box@example.net>\r\n"
                + (letter.IsChunk ? $"BDAT {content.Length} LAST\r\n{content}" : "DATA\r\n"));
            await client.ReplyAsync();
            await client.ReplyAsync();
            string reply = await client.ReplyAsync();
            if (!letter.IsChunk)
            {
                Assert.StartsWith("354", reply, StringComparison.Ordinal);
                await client.SendAsync(content + "\r\n.\r\n");
                reply = await client.ReplyAsync();
            }

            Assert.StartsWith("250 2.0.0 Queued", reply, StringComparison.Ordinal);
        }
    }

    private async Task RelayedAsync()
    {
        for (int turn = 0; turn < Extent.Of(1, 100); turn++)
        {
            (int left, _, _) = await RelayProcess.RunAsync("drain", "--timeout", "40s", $"--Queue:Path={_queue}");
            if (left == 0)
            {
                return;
            }
        }

        Assert.Fail("The queue does not become empty.");
    }

    /// <summary>Who gets it, its number, and its body.</summary>
    private static string Told(ForeignMail mail)
    {
        int number = mail.Content.IndexOf("Subject: ", StringComparison.Ordinal) + "Subject: ".Length;
        int body = mail.Content.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4;
        var told = new StringBuilder(mail.Recipients).Append(' ');
        return told.Append(mail.Content.AsSpan(number, mail.Content.IndexOf('\r', number) - number)).Append(' ').Append(mail.Content.AsSpan(body)).ToString();
    }

    /// <param name="Text">The body as the client says it.</param>
    /// <param name="Expected">The body as it must arrive.</param>
    private sealed record Letter(bool IsChunk, string Text, string Expected)
    {
        public int Number { get; init; }
    }
}
