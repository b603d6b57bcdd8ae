using Microsoft.Extensions.Logging;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Integration.Queue;

public abstract partial class QueueStoreContract
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reopening_finds_everything_in_every_state(bool abruptly)
    {
        QueueLease leased = await AcceptLeasedAsync(Letter("a@example.net", "b@example.net"), Octets(50_000));
        QueueId waiting = await AcceptAsync(Letter(), Octets(100));
        QueueLease deferred = await AcceptLeasedAsync(Letter());
        await Store.SettleAsync(Deferred(deferred, TimeSpan.FromMinutes(5)), Token);
        QueueId held = await AcceptAsync(Letter());
        await Store.ApplyAsync(QueueAction.Hold, new QueueSelection { Ids = [held] }, Now, Token);
        QueueLease parked = await AcceptLeasedAsync(Letter());
        await Store.SettleAsync(
            new Settlement { Lease = parked, Recipients = [new RecipientSettlement(0, RecipientState.Parked, 1, default, "550 No")] }, Token);
        QueueLease delivered = await AcceptLeasedAsync(Letter());
        await Store.SettleAsync(Delivered(delivered), Token);
        QueueTotals totals = await Store.TotalsAsync(Token);

        await ReopenAsync(abruptly);

        Assert.Equal(
            [leased.Message.Id, waiting, deferred.Message.Id, held, parked.Message.Id], await IdsAsync(QueueSelection.All));
        Assert.Equal(
            totals with { Waiting = totals.Waiting + totals.InDelivery, InDelivery = 0 }, await Store.TotalsAsync(Token));
        Assert.Single(await HistoryAsync(delivered.Message.Id));
        IReadOnlyList<QueueLease> due = await LeaseAsync();
        Assert.Equal([leased.Message.Id, waiting], due.Select(lease => lease.Message.Id));
        Assert.Equal(Octets(50_000), Read(due[0].Content));
        Assert.Equal(Octets(100), Read(due[1].Content));
    }

    [Fact]
    public async Task A_lease_of_an_earlier_owner_has_lapsed_and_cannot_be_settled()
    {
        QueueLease old = await AcceptLeasedAsync(Letter());

        await ReopenAsync(abruptly: true);

        QueueLease next = await LeaseOneAsync();
        Assert.Equal(old.Message.Id, next.Message.Id);
        Assert.Equal(SettleResult.LeaseLost, await Store.SettleAsync(Delivered(old), Token));
        Assert.Equal(SettleResult.Settled, await Store.SettleAsync(Delivered(next), Token));
    }

    [Fact]
    public async Task What_an_interrupted_write_left_behind_is_swept_and_nothing_else()
    {
        QueueId stays = await AcceptAsync(Letter(), Octets(1_000_000, seed: 4));
        long before = OctetsOnDisk();
        await using PreparedMessage interrupted = await PrepareAsync(Letter(), Octets(1_000_000));

        await ReopenAsync(abruptly: true);
        await SweptAsync(Store);

        Assert.True(OctetsOnDisk() < before + 500_000);
        QueueLease lease = await LeaseOneAsync();
        Assert.Equal(stays, lease.Message.Id);
        Assert.Equal(Octets(1_000_000, seed: 4), Read(lease.Content));
    }

    [Fact]
    public async Task A_damaged_row_is_set_aside_and_the_rest_goes_on()
    {
        QueueId damaged = await AcceptAsync(Letter());
        QueueId sound = await AcceptAsync(Letter());
        DamageEnvelope(damaged);

        Assert.Equal(sound, (await LeaseOneAsync()).Message.Id);
        Clock.Advance(TimeSpan.FromDays(30));
        Assert.DoesNotContain(await Store.LeaseOverdueAsync(Now, 10, s_leaseFor, Token), lease => lease.Message.Id == damaged);

        QueuedMessage shown = await ShowAsync(damaged);
        Assert.True(shown.IsDamaged);
        Assert.Equal("damaged", Assert.Single(await HistoryAsync(damaged)).Outcome);
        Assert.Equal([damaged], await IdsAsync(new QueueSelection { State = RecipientState.Parked }));
        Assert.Single(Logger.Entries, entry => entry.Level == LogLevel.Error && entry.Text.StartsWith($"{damaged}: ", StringComparison.Ordinal));
        Assert.Equal(0, await Store.ApplyAsync(QueueAction.Release, new QueueSelection { Ids = [damaged] }, Now, Token));
        Assert.Equal(1, await Store.ApplyAsync(QueueAction.Delete, new QueueSelection { Ids = [damaged] }, Now, Token));
        Assert.Equal(1, (await Store.TotalsAsync(Token)).Messages);
    }

    [Fact]
    public async Task Who_asks_for_one_message_gets_the_sound_one_behind_many_that_are_damaged()
    {
        for (int i = 0; i < 10; i++)
        {
            QueueId damaged = await AcceptAsync(Letter());
            Action<QueueId> damage = i % 2 == 0 ? DamageEnvelope : DamageContent;
            damage(damaged);
        }

        QueueId sound = await AcceptAsync(Letter());

        QueueLease lease = Assert.Single(await LeaseAsync(limit: 1));

        Assert.Equal(sound, lease.Message.Id);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(300_000)]
    public async Task A_damaged_body_is_never_delivered(int octets)
    {
        QueueId damaged = await AcceptAsync(Letter(), Octets(octets));
        QueueId sound = await AcceptAsync(Letter(), Octets(octets));
        DamageContent(damaged);

        IReadOnlyList<QueueLease> leases = await LeaseAsync();

        // A small one is set aside when it is leased; a large one when it is read, before the block that is damaged.
        foreach (QueueLease lease in leases.Where(lease => lease.Message.Id == damaged))
        {
            Assert.Throws<InvalidDataException>(() => Read(lease.Content));
        }

        if (leases.All(lease => lease.Message.Id != damaged))
        {
            Assert.Equal(RecipientState.Parked, (await ShowAsync(damaged)).Recipients[0].State);
            Assert.Equal("parked", Assert.Single(await HistoryAsync(damaged)).Outcome);
            Assert.Single(Logger.Entries, entry => entry.Level == LogLevel.Error);
        }

        Assert.Equal(Octets(octets), Read(leases.Single(lease => lease.Message.Id == sound).Content));
    }

    [Fact]
    public async Task Disk_use_follows_the_backlog_down()
    {
        long before = OctetsOnDisk();
        for (int i = 0; i < 6000; i += 100)
        {
            await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => AcceptAsync(Letter(), Octets(4000))));
        }

        long full = OctetsOnDisk();
        Assert.True(full > before + 12_000_000);
        await Store.ApplyAsync(QueueAction.Delete, QueueSelection.All, Now, Token);
        Clock.Advance(TimeSpan.FromDays(30));
        while (await Store.PruneAsync(Now, Token))
        {
        }

        await ReopenAsync(abruptly: false);
        Assert.InRange(OctetsOnDisk(), 0, before + 9_000_000);
    }

    [Fact]
    public void A_store_that_is_well_is_ready() => Assert.Equal(StoreHealth.Ready, Store.Health);

    [Fact]
    public void A_disk_that_is_short_makes_the_store_full()
    {
        Options.MinFreeOctets = long.MaxValue;
        Assert.Equal(StoreHealth.Full, Store.Health);
        Assert.Equal(StoreHealth.Full, Store.Health);
        Assert.Single(Logger.Entries, entry => entry.Text.Contains("Queue:MinFreeOctets", StringComparison.Ordinal));

        Options.MinFreeOctets = 0;
        Assert.Equal(StoreHealth.Ready, Store.Health);
    }
}
