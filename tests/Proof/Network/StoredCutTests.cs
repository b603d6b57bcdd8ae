using System.Diagnostics;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Network;

/// <summary>
/// A sample of what <see cref="CutTests"/> goes through in memory, with the relay as a process and its queue on disk: the dialogue is cut, the relay is
/// stopped, and what the next one finds in the queue is sent.
/// </summary>
public class StoredCutTests
{
    private const int Octets = 100_000;

    private static readonly CutKind[] s_kinds = [CutKind.Closed, CutKind.Reset, CutKind.Silent];

    [Fact]
    public async Task C09_What_a_cut_left_undone_is_in_the_queue_and_only_doubt_makes_two_of_it()
    {
        int cuts = Extent.Of(10, 200), taken = 0;
        var watch = Stopwatch.StartNew();
        var dice = new Random(Seed.First);
        await using FakeSmarthost smarthost = new FakeSmarthost { Tls = FakeTls.None }.Listen();
        await using var proxy = new CutProxy(smarthost);
        await using var relay = new RelayWithBooks(
            smarthost, "127.0.0.1", proxy.Port, network: null, resolver: "", "Smarthost:Tls=None", "Smarthost:IdleClose=00:00:00",
            "Smarthost:ReplyTimeout=00:00:01", "Smarthost:DataTimeout=00:00:01", "Smarthost:BlockTimeout=00:00:01", "Smarthost:EndOfDataTimeout=00:00:01");
        await relay.StartAsync();
        Task<CutStream> whole = proxy.CutNext(Cut.Nowhere);
        await relay.SendAsync(Octets);
        CutStream course = await whole;
        for (int number = 0; number < cuts; number++)
        {
            // A third each in the content, among the commands and around the final dot, and among the replies.
            Cut cut = (number % 3) switch
            {
                0 => new Cut(s_kinds[dice.Next(3)], Sending: true, dice.NextInt64(course.Sent)),
                1 => new Cut(s_kinds[dice.Next(3)], Sending: true, dice.Next(2) == 0 ? dice.Next(250) : course.Sent - dice.Next(20)),
                _ => new Cut(s_kinds[dice.Next(3)], Sending: false, dice.NextInt64(course.Received)),
            };
            Task<CutStream> ended = proxy.CutNext(cut);
            int before = smarthost.Mails.Count;
            await relay.SendAsync(Octets);
            await ended;
            await relay.StopAsync();
            taken += smarthost.Mails.Count - before;
            await relay.StartAsync();
            await relay.ArrivedAsync($"{cut}");
        }

        await relay.StopAsync();
        int twice = await relay.CloseAsync();
        Assert.True(taken >= twice && relay.InDoubt >= twice && relay.InDoubt < cuts, $"{taken} taken, {relay.InDoubt} in doubt, {twice} twice");
        Figures.Note(
            "network, cut over a queue on disk", ("cuts", cuts), ("messages", relay.Ledger.Accepted), ("lost", 0), ("taken at the cut", taken), ("twice", twice),
            ("said to be in doubt", relay.InDoubt), ("twice without doubt", 0), ("time", $"{watch.Elapsed.TotalSeconds:0} s"), ("seed", Seed.First));
    }
}
