using Microsoft.Extensions.Logging;
using RelayProxy.Harness;
using RelayProxy.Mail;

namespace RelayProxy.Proof.Network;

/// <summary>
/// A smarthost that gives any answer to any command, answers before it is asked, or never comes to an end. A message comes back only for a
/// refusal of that message; it counts as delivered only for a 2yz to its end; for all else it waits, and goes out once the smarthost is itself
/// again.
/// </summary>
public class ReplyTests(ReplyTests.Tally tally) : IClassFixture<ReplyTests.Tally>
{
    private static readonly string[] s_replies =
    [
        "150 On it\r\n", "250 2.0.0 Ok\r\n", "354 Go on\r\n", "450 4.0.0 Later\r\n", "421 4.3.2 Closing\r\n", "550 5.0.0 No\r\n", "650 What\r\n",
        "25\r\n", "abc\r\n", "\r\n", "2\050 Ok\r\n", "250 Ok\n",
    ];

    [Theory] // It is Delivered, it Waits, or it comes Back.
    //                      150 250 354 450 421 550 650 25  abc ""  NUL LF
    [InlineData("greeting", "W   W   W   W   W   W   W   W   W   W   W   W")]
    [InlineData("EHLO", "    W   W   W   W   W   W   W   W   W   W   W   W")] // 250 alone offers no AUTH
    [InlineData("AUTH", "    W   W   W   W   W   W   W   W   W   W   W   W")]
    [InlineData("MAIL", "    W   D   W   W   W   B   W   W   W   W   W   W")]
    [InlineData("RCPT", "    W   D   W   W   W   B   W   W   W   W   W   W")]
    [InlineData("DATA", "    W   W   D   W   W   B   W   W   W   W   W   W")]
    [InlineData(".", "       W   D   W   W   W   B   W   W   W   W   W   W")]
    [InlineData("QUIT", "    D   D   D   D   D   D   D   D   D   D   D   D")]
    public async Task C10_C14_C26_C29_Any_answer_to_any_command_is_judged_by_what_it_can_mean(string step, string verdicts)
    {
        string[] expected = verdicts.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (bool pipelining in new[] { true, false })
        {
            for (int i = 0; i < s_replies.Length; i++)
            {
                Assert.Equal(
                    (step, s_replies[i], pipelining, expected[i]),
                    (step, s_replies[i], pipelining, await SendAsync(step, FakeAnswer.Raw(s_replies[i]), pipelining)));
            }
        }
    }

    [Theory]
    [InlineData("greeting", "250 2.0.0 Injected\r\n", "W")]
    [InlineData("EHLO", "250 2.0.0 Injected\r\n", "W")]
    [InlineData("greeting", "250-injected.test\r\n250 AUTH PLAIN\r\n235 2.7.0 Injected\r\n", "W")]
    [InlineData("EHLO", "235 2.7.0 Injected\r\n", "W")]
    [InlineData("EHLO", "235 2.7.0 Injected\r\n250 2.0.0 Injected\r\n", "W")]
    [InlineData("AUTH", "250 2.0.0 Injected\r\n", "W")]
    [InlineData("AUTH", "235 2.7.0 Injected\r\n", "W")]
    [InlineData("MAIL", "250 2.0.0 Injected\r\n", "W")]
    [InlineData("MAIL", "250 2.0.0 Injected\r\n354 Injected\r\n", "W")]
    [InlineData("MAIL", "250 2.0.0 Injected\r\n354 Injected\r\n250 2.0.0 Injected\r\n", "W")]
    [InlineData("RCPT", "250 2.0.0 Injected\r\n", "W")]
    [InlineData("RCPT", "354 Injected\r\n", "W")]
    [InlineData("RCPT", "354 Injected\r\n250 2.0.0 Injected\r\n", "W")]
    [InlineData("DATA", "250 2.0.0 Injected\r\n", "W")]
    [InlineData("DATA", "550 5.0.0 Injected\r\n", "B")] // as good as a refusal in the middle of the content, which this one is
    [InlineData(".", "250 2.0.0 Injected\r\n", "D")]
    [InlineData(".", "550 5.0.0 Injected\r\n", "D")]
    [InlineData("QUIT", "250 2.0.0 Injected\r\n", "D")]
    public async Task C42_Answers_that_come_before_their_commands_deliver_nothing(string step, string extra, string expected)
    {
        foreach (bool pipelining in new[] { true, false })
        {
            Assert.Equal((pipelining, expected), (pipelining, await SendAsync(step, FakeAnswer.Raw(Usual(step) + extra), pipelining)));
        }
    }

    public static TheoryData<string, string> Endless
    {
        get
        {
            var all = new TheoryData<string, string>();
            foreach (string step in new[] { "greeting", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "." })
            {
                all.Add(step, Usual(step)[..3] + "-more\r\n");
                all.Add(step, Usual(step)[..3] + "-\r\n");
                all.Add(step, "2");
                all.Add(step, "\0");
                all.Add(step, "\r");
                all.Add(step, "\n");
            }

            return all;
        }
    }

    [Theory]
    [MemberData(nameof(Endless))]
    public async Task C11_A_gibibyte_of_an_answer_is_heard_no_further_than_it_can_be_one(string step, string octets)
    {
        const int Chunk = 64 * 1024;
        FakeAnswer endless = FakeAnswer.Raw(string.Concat(Enumerable.Repeat(octets, Chunk / octets.Length))) with { Times = 1024 * 1024 * 1024 / Chunk };
        string verdict = await SendAsync(step, endless, pipelining: true, FakeTls.Implicit);
        Assert.Equal("W", verdict);
    }

    private static string Usual(string step) => step switch
    {
        "greeting" => "220 smarthost.test ESMTP\r\n",
        "EHLO" => "250-smarthost.test\r\n250 AUTH PLAIN\r\n",
        "AUTH" => "235 2.7.0 Welcome\r\n",
        "DATA" => "354 Go on\r\n",
        "QUIT" => "221 2.0.0 Bye\r\n",
        _ => "250 2.0.0 Ok\r\n",
    };

    /// <summary>Sends one message to a smarthost that gives this answer once, and sees what comes of it.</summary>
    /// <returns>D, W or B; whatever waits has been seen to go out after all.</returns>
    private async Task<string> SendAsync(string step, FakeAnswer answer, bool pipelining, FakeTls tls = FakeTls.None)
    {
        bool said = false;
        FakeAnswer Once(FakeAnswer usual)
        {
            FakeAnswer now = said ? usual : answer;
            said = true;
            return now;
        }

        var smarthost = new FakeSmarthost
        {
            Tls = tls, Offers = pipelining ? ["PIPELINING", "AUTH PLAIN"] : ["AUTH PLAIN"],
        };
        string offers = pipelining ? "250-smarthost.test\r\n250-PIPELINING\r\n250 AUTH PLAIN\r\n" : Usual("EHLO");
        switch (step)
        {
            case "greeting": smarthost.OnGreeting = _ => Once(FakeAnswer.Raw(Usual(step))); break;
            case "EHLO": smarthost.OnEhlo = _ => Once(FakeAnswer.Raw(offers)); break;
            case "AUTH": smarthost.OnAuth = _ => Once(FakeAnswer.Raw(Usual(step))); break;
            case "MAIL": smarthost.OnMail = _ => Once(FakeAnswer.Raw(Usual(step))); break;
            case "RCPT": smarthost.OnRcpt = _ => Once(FakeAnswer.Raw(Usual(step))); break;
            case "DATA": smarthost.OnData = _ => Once(FakeAnswer.Raw(Usual(step))); break;
            case ".": smarthost.OnEndOfData = _ => Once(FakeAnswer.Raw(Usual(step))); break;
            default: smarthost.OnQuit = _ => Once(FakeAnswer.Raw(Usual(step)).ThenHangUp()); break;
        }

        await using var relay = new DeliveryUnderTest(smarthost);
        relay.SmarthostOptions.IdleClose = TimeSpan.Zero;
        relay.Start();
        QueueId id = await relay.AcceptAsync("alice@example.net", "bob@example.org");
        await relay.QuietAsync();
        string outcome = (await relay.HistoryAsync(id))[^1].Outcome;
        bool waits = await relay.StateAsync(id) == "Waiting";
        Assert.Equal(waits, outcome is "deferred" or "in-doubt");
        Assert.InRange(smarthost.OctetsSaid, 0, 1024 * 1024);
        tally.Add(smarthost.OctetsSaid);

        await relay.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(30));
        Assert.Empty(await relay.QueueAsync());
        int copies = smarthost.Mails.Count(mail => mail.Recipients.Contains("bob@example.org"));
        int reports = smarthost.Mails.Count(mail => mail.Recipients.Contains("alice@example.net"));
        bool wasRefused = outcome == "bounced";
        bool inDoubt = relay.Logged(LogLevel.Warning).Any(line => line.Contains("possible duplicate", StringComparison.Ordinal));
        Assert.True(
            wasRefused ? (copies, reports) == (0, 1) : reports == 0 && copies >= 1 && (copies == 1 || inDoubt), $"{outcome}: {copies} copies, {reports} reports");
        Assert.All(smarthost.Mails.Where(mail => mail.Recipients.Contains("bob@example.org")), mail => Assert.EndsWith("All is well.\r\n", mail.Text, StringComparison.Ordinal));
        return waits ? "W" : wasRefused ? "B" : "D";
    }

    /// <summary>How many answers were heard, and how much at most.</summary>
    public sealed class Tally : IDisposable
    {
        private readonly Lock _gate = new();
        private int _answers;
        private long _most;

        public void Add(long octets)
        {
            lock (_gate)
            {
                (_answers, _most) = (_answers + 1, Math.Max(_most, octets));
            }
        }

        public void Dispose() => Figures.Note(
            "network, a smarthost that answers anything", ("answers", _answers), ("lost", 0), ("most octets that were let in", _most), ("hangs", 0));
    }
}
