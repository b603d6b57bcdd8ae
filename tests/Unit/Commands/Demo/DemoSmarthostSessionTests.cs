using System.IO.Pipelines;
using System.Text;
using RelayProxy.Commands.Demo;

namespace RelayProxy.Unit.Commands.Demo;

public class DemoSmarthostSessionTests
{
    private const string Login = "AUTH PLAIN AGRlbW8Ac2VjcmV0\r\n"; // demo, secret

    [Fact]
    public async Task A_pipelined_message_is_taken_whole()
    {
        (string replies, List<DemoArrival> arrivals) = await RunAsync(
            "EHLO relay\r\n" + Login + "MAIL FROM:<a@b.example> SIZE=10\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@f.example>\r\nDATA\r\n"
            + "Subject: x\r\n\r\n..dot\r\n.\r\nQUIT\r\n");

        Assert.EndsWith(
            "235 2.7.0 Welcome\r\n250 2.1.0 Sender ok\r\n250 2.1.5 Recipient ok\r\n250 2.1.5 Recipient ok\r\n354 Go on\r\n250 2.0.0 Taken as demo-1\r\n221 2.0.0 Bye\r\n",
            replies,
            StringComparison.Ordinal);
        DemoArrival arrival = Assert.Single(arrivals);
        Assert.Equal("a@b.example", arrival.Sender);
        Assert.Equal(["c@d.example", "e@f.example"], arrival.Recipients);
        Assert.Equal("Subject: x\r\n\r\n.dot\r\n", Encoding.ASCII.GetString(arrival.Content.Span));
    }

    [Fact]
    public async Task The_dialogue_is_kept_without_its_secrets()
    {
        (_, List<DemoArrival> arrivals) = await RunAsync(
            "EHLO relay\r\nAUTH LOGIN\r\nZGVtbw==\r\nc2VjcmV0\r\nMAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nx\r\n.\r\nQUIT\r\n");

        Assert.Equal(
            [
                "S 220 localhost ESMTP RelayProxy demo smarthost", "C EHLO relay", "S 250-localhost", "S 250-PIPELINING", "S 250-SIZE 52428800", "S 250-8BITMIME",
                "S 250-SMTPUTF8", "S 250-DSN", "S 250-AUTH PLAIN LOGIN", "S 250 ENHANCEDSTATUSCODES", "C AUTH LOGIN", "S 334 VXNlcm5hbWU6", "C (secret)",
                "S 334 UGFzc3dvcmQ6", "C (secret)", "S 235 2.7.0 Welcome", "C MAIL FROM:<>", "S 250 2.1.0 Sender ok", "C RCPT TO:<c@d.example>",
                "S 250 2.1.5 Recipient ok", "C DATA", "S 354 Go on", "C (the message, 3 octets, and a dot)", "S 250 2.0.0 Taken as demo-1",
            ],
            Assert.Single(arrivals).Dialogue.Select(line => $"{(line.FromServer ? 'S' : 'C')} {line.Text}"));
    }

    [Theory]
    [InlineData("MAIL FROM:<a@b>\r\n", "530 5.7.0 Log in first")]
    [InlineData("AUTH PLAIN AGRlbW8Ad3Jvbmc=\r\n", "535 5.7.8 Wrong user name or password")]
    [InlineData("AUTH PLAIN\r\nAGRlbW8Ac2VjcmV0\r\n", "235 2.7.0 Welcome")]
    [InlineData("AUTH LOGIN ZGVtbw==\r\nc2VjcmV0\r\n", "235 2.7.0 Welcome")]
    [InlineData("AUTH LOGIN\r\n*\r\n", "501 5.7.0 Cancelled")]
    [InlineData("AUTH PLAIN ?\r\n", "501 5.5.2 Not base64")]
    [InlineData("AUTH PLAIN Zm9v\r\n", "501 5.5.2 Not PLAIN")]
    [InlineData("AUTH SCRAM-SHA-1 Zm9v\r\n", "504 5.5.4 PLAIN or LOGIN")]
    [InlineData(Login + Login, "503 5.5.1 Not now")]
    [InlineData("RCPT TO:<a@b>\r\n", "503 5.5.1 Not now")]
    [InlineData("GET / HTTP/1.1\r\n", "502 5.5.1 Not known here")]
    [InlineData(Login + "MAIL FROM:a@b\r\n", "501 5.1.7 MAIL FROM:<...>")]
    [InlineData(Login + "MAIL FROM:<a@b>\r\nRCPT TO:<>\r\n", "501 5.1.3 RCPT TO:<...>")]
    [InlineData(Login + "MAIL FROM:<a@b>\r\nDATA\r\n", "554 5.5.1 No recipient")]
    [InlineData(Login + "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nRSET\r\nDATA\r\n", "503 5.5.1 Not now")]
    [InlineData("NOOP\n", "500 5.5.2 Lines end in CRLF and have a bound")]
    public async Task The_last_command_is_answered_as_a_provider_would(string commands, string reply)
    {
        (string replies, _) = await RunAsync(commands);

        Assert.Equal(reply, replies.Split("\r\n")[^2]);
    }

    [Fact]
    public async Task A_message_over_the_bound_is_read_to_its_end_and_refused()
    {
        var options = Options with { MaxMessageOctets = 10, MaxKeptOctets = 4 };

        (string replies, List<DemoArrival> arrivals) = await RunAsync(
            Login + "MAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n123456789\r\n.\r\nMAIL FROM:<a@b>\r\nRCPT TO:<c@d>\r\nDATA\r\n12345678\r\n.\r\nQUIT\r\n", options);

        Assert.Contains("354 Go on\r\n552 5.3.4 Too large\r\n250 2.1.0", replies, StringComparison.Ordinal);
        DemoArrival arrival = Assert.Single(arrivals);
        Assert.Equal(10, arrival.Octets);
        Assert.Equal("1234"u8.ToArray(), arrival.Content.ToArray());
    }

    [Fact]
    public async Task Twenty_errors_end_the_conversation()
    {
        (string replies, _) = await RunAsync(string.Concat(Enumerable.Repeat("WHAT\r\n", 50)));

        Assert.Equal(19, replies.Split("502 5.5.1").Length - 1);
        Assert.EndsWith("421 4.7.0 Too many errors\r\n", replies, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Latency_holds_back_each_group_of_replies_once()
    {
        var latency = TimeSpan.FromMilliseconds(80);
        var clock = new PauseCounter(latency);

        (string replies, _) = await RunAsync("NOOP\r\nNOOP\r\nQUIT\r\n", Options with { Latency = latency }, clock);

        Assert.EndsWith("250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n221 2.0.0 Bye\r\n", replies, StringComparison.Ordinal);
        Assert.Equal(2, clock.Pauses); // the greeting, and the three replies together
    }

    private static DemoSmarthostOptions Options => new() { Login = new DemoLogin("demo", "secret"), KeepDialogue = true, MaxKeptOctets = 1000 };

    /// <summary>Says everything at once and hangs up; returns everything that was answered.</summary>
    private static async Task<(string Replies, List<DemoArrival> Arrivals)> RunAsync(string client, DemoSmarthostOptions? options = null, TimeProvider? clock = null)
    {
        options ??= Options;
        var arrivals = new List<DemoArrival>();
        await using var smarthost = new DemoSmarthost(options, TimeProvider.System, arrivals.Add);
        var output = new MemoryStream();
        var session = new DemoSmarthostSession(
            smarthost,
            options,
            clock ?? TimeProvider.System,
            arrivals.Add,
            PipeReader.Create(new MemoryStream(Encoding.ASCII.GetBytes(client))),
            PipeWriter.Create(output));
        await session.RunAsync(CancellationToken.None);
        return (Encoding.ASCII.GetString(output.ToArray()), arrivals);
    }

    /// <summary>Counts the pauses of one length, and takes none.</summary>
    private sealed class PauseCounter(TimeSpan pause) : TimeProvider
    {
        public int Pauses { get; private set; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Pauses += dueTime == pause ? 1 : 0;
            return base.CreateTimer(callback, state, dueTime == pause ? TimeSpan.Zero : dueTime, period);
        }
    }
}
