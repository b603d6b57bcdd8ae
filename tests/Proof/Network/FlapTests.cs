using System.Diagnostics;
using RelayProxy.Harness;
using RelayProxy.Mail;

namespace RelayProxy.Proof.Network;

/// <summary>
/// A smarthost that flaps for a whole day: away, back, closing, refusing the login, silent, dropping connections after the final dot, each for
/// a few minutes, while mail keeps coming. All of it arrives, twice only where there was doubt, and nobody knocks more often than the pauses
/// allow.
/// </summary>
public class FlapTests
{
    private const int MostConnections = 4;

    private static readonly TimeSpan s_step = TimeSpan.FromSeconds(30);

    private enum Mood
    {
        Well,
        Away,
        Closing,
        ClosingAtMail,
        LoginRefused,
        AccountBusy,
        Silent,
        SilentAtTheEnd,
        DropsAtTheEnd,
        LaterForEverybody,
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(Seed.First, Extent.Of(2, 20))];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task C19_C31_C32_A_day_of_flapping_loses_nothing_and_is_not_a_day_of_knocking(int seed)
    {
        int messages = Extent.Of(300, 20_000);
        var watch = Stopwatch.StartNew();
        var dice = new Random(seed);
        Mood mood = Mood.Well;
        DateTimeOffset hungAt = default;
        await using var relay = new DeliveryUnderTest(new FakeSmarthost { Tls = FakeTls.None });
        FakeAnswer Hang()
        {
            hungAt = relay.Clock.GetUtcNow();
            return FakeAnswer.Silence;
        }

        // Counted at the relay's end: the smarthost may not yet have noticed that one was closed.
        var open = new List<CutStream>();
        int mostOpen = 0;
        relay.Wire = stream =>
        {
            lock (open)
            {
                open.RemoveAll(wire => wire.IsClosed);
                open.Add(new CutStream(stream, Cut.Nowhere));
                mostOpen = Math.Max(mostOpen, open.Count);
                return open[^1];
            }
        };
        relay.Smarthost.OnGreeting = _ => mood switch
        {
            Mood.Closing => FakeAnswer.Reply("421 4.3.2 Closing").ThenHangUp(),
            Mood.Silent => Hang(),
            _ => "220 smarthost.test",
        };
        relay.Smarthost.OnAuth = _ => mood switch
        {
            Mood.LoginRefused => "535 5.7.8 No",
            Mood.AccountBusy => "454 4.7.0 Later",
            _ => "235 2.7.0 Welcome",
        };
        relay.Smarthost.OnMail = _ => mood == Mood.ClosingAtMail ? FakeAnswer.Reply("421 4.3.2 Closing").ThenHangUp() : "250 2.1.0 Ok";
        relay.Smarthost.OnRcpt = _ => mood == Mood.LaterForEverybody ? "450 4.2.0 Later" : "250 2.1.5 Ok";
        relay.Smarthost.OnEndOfData = _ => mood switch
        {
            Mood.SilentAtTheEnd => Hang(),
            Mood.DropsAtTheEnd => FakeAnswer.Raw("25").ThenHangUp(), // taken, and its reply lost on the way
            _ => "250 2.0.0 Taken",
        };
        relay.SmarthostOptions.MaxConnections = MostConnections;
        relay.QueueOptions.DelayNoticeAfter = TimeSpan.Zero;
        relay.Start();

        var ids = new List<QueueId>();
        async Task AcceptUpToAsync(double due)
        {
            while (ids.Count < Math.Min(due, messages))
            {
                ids.Add(await relay.AcceptAsync($"m{ids.Count}@example.net", "bob@example.org"));
            }
        }

        DateTimeOffset evening = relay.Clock.GetUtcNow() + TimeSpan.FromDays(1);
        int phases = 0, knocks = 0, allowedKnocks = 0;
        while (relay.Clock.GetUtcNow() < evening)
        {
            mood = phases++ % 2 == 0 ? Mood.Well : (Mood)dice.Next(1, 10);
            relay.IsAway = mood == Mood.Away;
            DateTimeOffset began = relay.Clock.GetUtcNow(), until = began + TimeSpan.FromMinutes(dice.Next(1, 40));
            int before = relay.Dialer.Dials;
            while (relay.Clock.GetUtcNow() < until)
            {
                await AcceptUpToAsync(messages * (1 - ((evening - relay.Clock.GetUtcNow()) / TimeSpan.FromDays(1))));
                relay.Clock.Advance(s_step);
                await SettledAsync(relay, () => relay.Clock.GetUtcNow() - hungAt < TimeSpan.FromMinutes(15));
            }

            if (Allowed(mood, relay.Clock.GetUtcNow() - began) is { } allowed)
            {
                int knocked = relay.Dialer.Dials - before;
                Assert.True(knocked <= allowed, $"{mood} for {relay.Clock.GetUtcNow() - began}: {knocked} connections, {allowed} allowed");
                (knocks, allowedKnocks) = (knocks + knocked, allowedKnocks + allowed);
            }
        }

        mood = Mood.Well;
        relay.IsAway = false;
        await AcceptUpToAsync(messages);
        for (int quarter = 0; quarter < 48 && (await relay.Store.TotalsAsync(CancellationToken.None)).Messages > 0; quarter++)
        {
            await SettledAsync(relay, () => relay.Clock.GetUtcNow() - hungAt < TimeSpan.FromMinutes(15));
            relay.Clock.Advance(TimeSpan.FromMinutes(15));
        }

        await relay.QuietAsync();
        Assert.Empty(await relay.QueueAsync());
        ILookup<string, CapturedMail> copies = relay.Smarthost.Mails.ToLookup(mail => mail.Sender);
        int lost = Enumerable.Range(0, ids.Count).Count(number => !copies[$"m{number}@example.net"].Any());
        int twice = 0;
        foreach (IGrouping<string, CapturedMail> group in copies.Where(group => group.Count() > 1))
        {
            int number = int.Parse(group.Key[1..group.Key.IndexOf('@')], System.Globalization.CultureInfo.InvariantCulture);
            int doubts = (await relay.HistoryAsync(ids[number])).Count(entry => entry.Outcome == "in-doubt");
            Assert.True(group.Count() <= 1 + doubts, $"{group.Key} came {group.Count()} times, and was {doubts} times in doubt");
            twice++;
        }

        Assert.Equal((0, 0), (lost, copies[""].Count()));
        Assert.InRange(mostOpen, 1, MostConnections);
        Assert.True(knocks > 0);
        Figures.Note(
            $"network, a day of flapping (seed {seed})", ("messages", messages), ("phases", phases), ("lost", lost), ("bounced", 0), ("more than once", twice),
            ("more than once without doubt", 0), ("connections in trouble", knocks), ("allowed", allowedKnocks),
            ("most at once", mostOpen), ("time", $"{watch.Elapsed.TotalSeconds:0} s"));
    }

    /// <summary>How many connections a trouble of this length may cost, by the pauses that are promised: those that were at work when it began, and
    /// one, or three that are lost in a row, behind each pause.</summary>
    private static int? Allowed(Mood mood, TimeSpan length)
    {
        (int each, int[]? seconds) = mood switch
        {
            Mood.Away or Mood.Closing or Mood.ClosingAtMail or Mood.Silent => (1, [10, 20, 40, 80, 160, 300]),
            Mood.AccountBusy => (1, [30, 60, 120, 240, 480, 900]),
            Mood.LoginRefused => (1, [60, 300, 900, 3600]),
            Mood.DropsAtTheEnd or Mood.SilentAtTheEnd => (3, new[] { 10, 20, 40, 80, 160, 300 }),
            _ => (0, null),
        };
        if (seconds is null)
        {
            return null;
        }

        int probes = 1;
        for (double left = length.TotalSeconds; (left -= seconds[Math.Min(probes - 1, seconds.Length - 1)]) >= 0;)
        {
            probes++;
        }

        // The first pause may have begun with the trouble before, of another kind.
        return (2 * MostConnections) + (each * (probes + 1));
    }

    /// <summary>Waits until all is quiet; while somebody is kept waiting by the smarthost, time passes.</summary>
    private static async Task SettledAsync(DeliveryUnderTest relay, Func<bool> hangs)
    {
        Task quiet = relay.QuietAsync();
        while (await Task.WhenAny(quiet, Task.Delay(2)) != quiet)
        {
            relay.Clock.Advance(hangs() ? TimeSpan.FromSeconds(15) : TimeSpan.Zero);
        }

        await quiet;
    }
}
