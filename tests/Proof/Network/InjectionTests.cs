using System.Text;
using Microsoft.Extensions.Logging;
using RelayProxy.Harness;
using RelayProxy.Mail;

namespace RelayProxy.Proof.Network;

/// <summary>
/// Somebody sits between relay and smarthost and puts lines of his own among those that the smarthost says before TLS, or into TLS itself. In clear the
/// relay says no more than EHLO, STARTTLS and QUIT, inside TLS nothing counts that came from outside, and the message waits until the way is free
/// (RFC 3207 §6; CVE-2011-0411 is the same at the other end).
/// </summary>
public sealed class InjectionTests(InjectionTests.Tally tally) : IClassFixture<InjectionTests.Tally>
{
    private const string Greeting = "220 smarthost.test\r\n", Hello = "250-smarthost.test\r\n250 STARTTLS\r\n", GoAhead = "220 2.0.0 Go\r\n";

    private const int ClearOctets = 20 + 34 + 14;

    /// <summary>Where the smarthost has ended its say and it is the relay's turn.</summary>
    private static readonly int[] s_turns = [0, Greeting.Length, Greeting.Length + Hello.Length, ClearOctets];

    [Theory]
    [InlineData("250-injected.test\r\n250 AUTH LOGIN XINJECTED\r\n")]
    [InlineData("250-injected.test\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n")]
    [InlineData("220 2.0.0 Go\r\n")]
    [InlineData("220 2.0.0 Go\r\n220 injected.test\r\n250-injected.test\r\n250 AUTH PLAIN\r\n235 2.7.0 Welcome\r\n")]
    [InlineData("235 2.7.0 Welcome\r\n")]
    [InlineData("250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n354 Go on\r\n250 2.0.0 Taken\r\n")]
    [InlineData("421 4.3.2 Closing\r\n")]
    [InlineData("454 4.7.0 TLS not available\r\n")]
    [InlineData("554 5.7.0 No\r\n")]
    [InlineData("2")]
    [InlineData("250-")]
    [InlineData("\r\n")]
    [InlineData("\0")]
    [InlineData("\u0015\u0003\u0003\u0000\u0002\u0002\u0028")] // a TLS alert, without TLS
    public async Task C42_What_is_put_in_between_gains_nobody_anything(string injected)
    {
        Assert.Equal(ClearOctets, Greeting.Length + Hello.Length + GoAhead.Length);
        int octets = await OctetsAsync();
        for (int behind = 0; behind <= octets; behind += behind < ClearOctets ? 1 : Extent.Of(211, 5))
        {
            foreach (Arrival arrival in Enum.GetValues<Arrival>())
            {
                // Briefly in one of the three ways where it is nobody's turn.
                bool isTurn = s_turns.Contains(behind);
                if (isTurn || Extent.Full || (int)arrival == (behind + injected.Length) % 3)
                {
                    await InjectAsync(behind, injected, arrival, isTurn);
                }
            }
        }
    }

    private static DeliveryUnderTest Open(Func<Stream, Stream> wire)
    {
        var smarthost = new FakeSmarthost
        {
            Tls = FakeTls.StartTls, OffersInClear = ["STARTTLS"], Offers = ["PIPELINING", "AUTH PLAIN"],
            OnGreeting = _ => FakeAnswer.Raw(Greeting), OnStartTls = _ => FakeAnswer.Raw(GoAhead),
        };
        var relay = new DeliveryUnderTest(smarthost) { Wire = wire };
        relay.SmarthostOptions.IdleClose = TimeSpan.Zero;
        return relay.Start();
    }

    /// <summary>Waits until all is quiet. Where a reply has become one without an end, only time brings it on.</summary>
    private static async Task SettledAsync(DeliveryUnderTest relay)
    {
        Task quiet = relay.QuietAsync();
        await Task.WhenAny(quiet, Task.Delay(TimeSpan.FromSeconds(1)));
        while (await Task.WhenAny(quiet, Task.Delay(1)) != quiet)
        {
            relay.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        await quiet;
    }

    /// <summary>How much a smarthost says when nobody interferes.</summary>
    private static async Task<int> OctetsAsync()
    {
        CutStream? wire = null;
        await using DeliveryUnderTest relay = Open(stream => wire = new CutStream(stream, Cut.Nowhere));
        await relay.AcceptAsync("alice@example.net", "bob@example.org");
        await relay.QuietAsync();
        Assert.Single(relay.Smarthost.Mails);
        return (int)wire!.Received;
    }

    private async Task InjectAsync(int behind, string injected, Arrival arrival, bool isTurn)
    {
        var said = new MemoryStream();
        bool isFirst = true;
        await using DeliveryUnderTest relay = Open(stream =>
        {
            Stream wire = isFirst ? new InjectedStream(stream, behind, Encoding.Latin1.GetBytes(injected), arrival, said) : stream;
            isFirst = false;
            return wire;
        });
        QueueId id = await relay.AcceptAsync("alice@example.net", "bob@example.org");
        await SettledAsync(relay);
        string outcome = (await relay.HistoryAsync(id))[^1].Outcome;
        int taken = relay.Smarthost.Mails.Count;
        string at = $"{arrival} behind {behind}: {outcome}, {taken} taken, {string.Join('|', relay.Smarthost.Dialogue)}";

        // In clear: what may be said in clear, and then a handshake, or nothing.
        string all = Encoding.Latin1.GetString(said.ToArray());
        int handshake = all.IndexOf("\u0016\u0003", StringComparison.Ordinal);
        string[] lines = all[..(handshake < 0 ? all.Length : handshake)].Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.True(lines.All(line => line is "EHLO relay.test" or "STARTTLS" or "QUIT"), $"{at}: {string.Join('|', lines)}");
        Assert.DoesNotContain("AUTH", all, StringComparison.Ordinal);

        // What is out of turn ends it at once; elsewhere it may have become a part of what was said in clear, which counts for nothing inside.
        Assert.True(outcome == "delivered" ? taken == 1 && !isTurn : outcome is "deferred" or "in-doubt", at);
        Assert.True(outcome != "in-doubt" || behind > ClearOctets, at);
        if (outcome == "delivered")
        {
            string[] inside = [.. relay.Smarthost.Commands.Skip(2).Select(command => command.Split(' ', ':')[0])];
            Assert.True(inside is ["EHLO", "AUTH", "MAIL", "RCPT", "DATA", ..], at);
            Assert.Contains(relay.Smarthost.Commands, command => command.StartsWith("AUTH PLAIN ", StringComparison.Ordinal));
        }

        await relay.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(30));
        Assert.Empty(await relay.QueueAsync());
        int copies = relay.Smarthost.Mails.Count;
        Assert.True(copies == 1 || (copies == 2 && outcome == "in-doubt"), at);
        Assert.Equal(outcome == "in-doubt", relay.Logged(LogLevel.Warning).Any(line => line.Contains("possible duplicate", StringComparison.Ordinal)));
        tally.Add(outcome);
    }

    /// <summary>How often something was put in between, and what came of it.</summary>
    public sealed class Tally : IDisposable
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, int> _outcomes = [];

        public void Add(string outcome)
        {
            lock (_gate)
            {
                _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;
            }
        }

        public void Dispose() => Figures.Note(
            "network, lines put in between before and in TLS",
            [("injections", _outcomes.Values.Sum()), .. _outcomes.Select(outcome => (outcome.Key, (object)outcome.Value)), ("lost", 0), ("secrets in clear", 0)]);
    }
}
