using System.Diagnostics;
using Microsoft.Extensions.Logging;
using RelayProxy.Harness;
using RelayProxy.Mail;

namespace RelayProxy.Proof.Network;

/// <summary>
/// The dialogue over which a message of 100 kB is sent, cut at every octet of it, in either direction, or slowed down to an octet a minute. A message whose end never reached the
/// smarthost comes once; one whose end did, and whose reply did not come back, comes twice and is said to be in doubt; none is lost, and none
/// is called delivered without the reply.
/// </summary>
public class CutTests
{
    private static readonly string s_body =
        string.Concat(Enumerable.Range(0, 1250).Select(line => $"{line:0000} {new string('x', 73)}\r\n"));

    public static TheoryData<object, bool, object, int, int> Dialogues => new()
    {
        // Which end a cut makes, whether commands go one into the other, how it is protected; every how manieth octet of the content: briefly, in full.
        { CutKind.Closed, true, FakeTls.None, 2500, 1 },
        { CutKind.Closed, false, FakeTls.None, 12_500, 1 },
        { CutKind.Reset, true, FakeTls.None, 5000, 1 },
        { CutKind.Silent, true, FakeTls.None, 12_500, 7 },
        { CutKind.Drip, true, FakeTls.None, 25_000, 23 },
        { CutKind.Closed, true, FakeTls.Implicit, 12_500, 5 },
    };

    [Theory]
    [MemberData(nameof(Dialogues))]
    public async Task C09_Cut_at_any_octet_it_is_sent_again_and_only_doubt_makes_two_of_it(object kind, bool pipelining, object tls, int brief, int full)
    {
        var dialogue = new Dialogue((CutKind)kind, pipelining, (FakeTls)tls, Listens: false);
        await ProveAsync(dialogue, Extent.Of(brief, full), everyDialogueOctet: !dialogue.IsSecured || Extent.Full);
    }

    [Theory]
    [InlineData(CutKind.Closed, 20_000, 23)]
    [InlineData(CutKind.Reset, 20_000, 29)]
    public async Task C09_The_same_over_TLS_and_TCP(object kind, int brief, int full) =>
        await ProveAsync(new Dialogue((CutKind)kind, Pipelining: true, FakeTls.Implicit, Listens: true), Extent.Of(brief, full), everyDialogueOctet: false);

    private static async Task ProveAsync(Dialogue dialogue, int stride, bool everyDialogueOctet)
    {
        var watch = Stopwatch.StartNew();
        Course course = await WholeAsync(dialogue);

        // Signatures of one key differ in length by an octet or two.
        int margin = dialogue.IsSecured ? 12 : 0;
        int dialogueStride = everyDialogueOctet ? 1 : Extent.Of(97, 5);
        Cut[] cuts =
        [
            .. Few(course.Sent, octet => octet > course.ContentBegins + 8 && octet < course.ContentEnds - 8 ? stride : dialogueStride, course.ContentEnds + margin)
                .Select(octets => new Cut(dialogue.Kind, Sending: true, octets)),
            .. Few(course.Received, _ => dialogueStride, course.ReceivedBeforeItsReply + 1 + margin)
                .Select(octets => new Cut(dialogue.Kind, Sending: false, octets)),
        ];
        int twice = 0, inDoubt = 0;
        await Parallel.ForEachAsync(cuts, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (cut, _) =>
        {
            (bool wasTwice, bool wasInDoubt) = await CutAsync(dialogue, cut, course);
            Interlocked.Add(ref twice, wasTwice ? 1 : 0);
            Interlocked.Add(ref inDoubt, wasInDoubt ? 1 : 0);
        });

        Assert.True((twice > 0 || dialogue.IsSecured) && inDoubt > 0 && inDoubt >= twice && inDoubt < cuts.Length, $"{twice} of {inDoubt} of {cuts.Length}");
        Figures.Note(
            $"network, cut ({dialogue.Words})", ("octets of the dialogue", course.Sent + course.Received), ("cuts", cuts.Length), ("lost", 0),
            ("twice", twice), ("said to be in doubt", inDoubt), ("twice without doubt", 0), ("time", $"{watch.Elapsed.TotalSeconds:0} s"));
    }

    /// <summary>Of all octets every so manieth, and some in any case.</summary>
    private static IEnumerable<long> Few(long octets, Func<long, int> stride, long always)
    {
        for (long octet = 0; octet <= octets; octet++)
        {
            if (octet % stride(octet) == 0 || octet == always || octet == octets)
            {
                yield return octet;
            }
        }
    }

    /// <summary>The dialogue as it goes when nothing cuts it, and what of it is the content.</summary>
    private static async Task<Course> WholeAsync(Dialogue dialogue)
    {
        CutStream? wire = null;
        long begins = 0, ends = 0, answered = 0;
        await using DeliveryUnderTest relay = Open(dialogue);
        relay.Wire = stream => wire = new CutStream(stream, Cut.Nowhere);
        relay.Smarthost.OnData = _ =>
        {
            begins = wire!.Sent;
            return "354 Go on, end with a dot";
        };
        relay.Smarthost.OnEndOfData = _ =>
        {
            (ends, answered) = (wire!.Sent, wire.Received);
            return "250 2.0.0 Taken";
        };
        relay.Start();
        await AcceptAsync(relay);
        await relay.QuietAsync();
        await relay.Smarthost.EndedAsync();
        Assert.Single(relay.Smarthost.Mails);
        Assert.InRange(ends - begins, 100_000, 130_000);
        return new Course(wire!.Sent, wire.Received, begins, ends, answered);
    }

    private static async Task<(bool Twice, bool InDoubt)> CutAsync(Dialogue dialogue, Cut cut, Course course)
    {
        bool whole = false;
        CutStream? wire = null;
        await using DeliveryUnderTest relay = Open(dialogue);

        // Where time has to pass for the cut to be noticed, it passes for the next attempts too.
        bool takesTime = dialogue.Kind is CutKind.Silent or CutKind.Drip;
        relay.Wire = stream => whole || (takesTime && wire is not null) ? stream : wire = new CutStream(stream, cut with { Clock = relay.Clock });
        relay.Start();
        QueueId id = await AcceptAsync(relay);
        await SettledAsync(relay, () => wire is { IsCut: true } && takesTime);
        if (!takesTime)
        {
            await relay.Smarthost.EndedAsync();
        }

        int taken = relay.Smarthost.Mails.Count;
        string[] first = [.. (await relay.HistoryAsync(id)).Select(entry => entry.Outcome)];
        bool delivered = (await relay.QueueAsync()).Count == 0;
        string at = $"{cut} of {course}: {string.Join(' ', first)}, {taken} taken";
        if (!dialogue.IsSecured && !takesTime)
        {
            // What a cut in the clear text has left whole is plain to see: the end of the content, the end of the reply to it.
            Assert.True(delivered == (cut.Sending ? cut.Octets > course.ContentEnds : cut.Octets >= course.Received), at);
            Assert.True(taken == 0 || !cut.Sending || cut.Octets >= course.ContentEnds, at);
        }

        Assert.True(!delivered || (taken >= 1 && first[^1] == "delivered"), at);
        Assert.True(delivered || first.All(outcome => outcome is "deferred" or "in-doubt"), at);

        whole = true;
        for (int minute = 0; minute < 10 && (await relay.QueueAsync()).Count > 0; minute++)
        {
            await relay.PassAsync(TimeSpan.FromMinutes(1));
        }

        await relay.Smarthost.EndedAsync();
        Assert.Empty(await relay.QueueAsync());
        Assert.Equal("delivered", (await relay.HistoryAsync(id))[^1].Outcome);
        int copies = relay.Smarthost.Mails.Count;
        bool inDoubt = first.Contains("in-doubt");
        Assert.True(copies >= 1 && copies <= 1 + first.Count(outcome => outcome == "in-doubt"), at);
        Assert.True(inDoubt == relay.Logged(LogLevel.Warning).Any(line => line.Contains("possible duplicate", StringComparison.Ordinal)), at);
        Assert.True(relay.Smarthost.Mails.All(mail => mail.Text.EndsWith("\r\n\r\n" + s_body, StringComparison.Ordinal)), at);
        Assert.Empty(relay.Smarthost.Violations);
        return (copies > 1, inDoubt);
    }

    /// <summary>Waits until all is quiet; once nothing but time can bring it on, time passes.</summary>
    private static async Task SettledAsync(DeliveryUnderTest relay, Func<bool> waitsForTime)
    {
        Task quiet = relay.QuietAsync();
        while (await Task.WhenAny(quiet, Task.Delay(1)) != quiet)
        {
            relay.Clock.Advance(waitsForTime() ? TimeSpan.FromMinutes(1) : TimeSpan.Zero);
        }

        await quiet;
    }

    private static Task<QueueId> AcceptAsync(DeliveryUnderTest relay) => relay.AcceptAsync(
        new Envelope { Sender = new Mailbox("alice", "example.net") }, [new Recipient(new Mailbox("bob", "example.org"))], "Subject: cut\r\n\r\n" + s_body);

    private static DeliveryUnderTest Open(Dialogue dialogue)
    {
        var smarthost = new FakeSmarthost
        {
            Tls = dialogue.Tls, Offers = dialogue.Pipelining ? ["PIPELINING", "SIZE 1000000", "AUTH PLAIN"] : ["AUTH PLAIN"], WindowOctets = 64 * 1024,
        };
        var relay = new DeliveryUnderTest(dialogue.Listens ? smarthost.Listen() : smarthost);
        relay.SmarthostOptions.IdleClose = TimeSpan.Zero;
        return relay;
    }

    private sealed record Dialogue(CutKind Kind, bool Pipelining, FakeTls Tls, bool Listens)
    {
        public bool IsSecured => Tls != FakeTls.None;

        public string Words =>
            $"{Kind}{(Pipelining ? "" : ", without PIPELINING")}{(IsSecured ? ", TLS" : "")}{(Listens ? ", TCP" : "")}".ToLowerInvariant();
    }

    /// <summary>Octets of a whole dialogue. The content ends with the final dot.</summary>
    private sealed record Course(long Sent, long Received, long ContentBegins, long ContentEnds, long ReceivedBeforeItsReply);
}
