using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Integration.Queue;

public abstract partial class QueueStoreContract
{
    [Fact]
    public async Task A_leased_message_is_nobody_elses()
    {
        await AcceptAsync(Letter());

        QueueLease lease = await LeaseOneAsync();

        Assert.Empty(await LeaseAsync());
        Clock.Advance(s_leaseFor - TimeSpan.FromSeconds(1));
        Assert.Empty(await LeaseAsync());
        Assert.Empty(await Store.LeaseOverdueAsync(Now + TimeSpan.FromMilliseconds(1), 10, s_leaseFor, Token));
        Assert.Equal(Now + TimeSpan.FromSeconds(1), lease.Until);
    }

    [Fact]
    public async Task A_lapsed_lease_comes_round_again()
    {
        await AcceptAsync(Letter());
        QueueLease lapsed = await LeaseOneAsync();
        Assert.Equal(lapsed.Until, await Store.NextDueAsync(MailRoute.Smarthost, Token));

        Clock.Advance(s_leaseFor);
        QueueLease next = await LeaseOneAsync();

        Assert.Equal(lapsed.Message.Id, next.Message.Id);
        Assert.NotEqual(lapsed.Token, next.Token);
        Assert.Equal(SettleResult.LeaseLost, await Store.SettleAsync(Delivered(lapsed), Token));
        Assert.Single(await IdsAsync(QueueSelection.All));
        Assert.Equal(SettleResult.Settled, await Store.SettleAsync(Delivered(next), Token));
        Assert.Empty(await IdsAsync(QueueSelection.All));
    }

    [Fact]
    public async Task Who_is_late_may_still_settle_if_nobody_else_has_leased_the_message_meanwhile()
    {
        await AcceptAsync(Letter());
        QueueLease lease = await LeaseOneAsync();
        Clock.Advance(s_leaseFor * 2);

        Assert.Equal(SettleResult.Settled, await Store.SettleAsync(Delivered(lease), Token));
    }

    [Fact]
    public async Task What_has_been_due_longest_is_leased_first()
    {
        QueueLease third = await AcceptLeasedAsync(Letter());
        QueueLease first = await AcceptLeasedAsync(Letter());
        QueueLease second = await AcceptLeasedAsync(Letter());
        QueueLease later = await AcceptLeasedAsync(Letter());
        await Store.SettleAsync(Deferred(third, TimeSpan.FromMinutes(3)), Token);
        await Store.SettleAsync(Deferred(first, TimeSpan.FromMinutes(1)), Token);
        await Store.SettleAsync(Deferred(second, TimeSpan.FromMinutes(2)), Token);
        await Store.SettleAsync(Deferred(later, TimeSpan.FromMinutes(30)), Token);
        Clock.Advance(TimeSpan.FromMinutes(5));

        IReadOnlyList<QueueLease> two = await LeaseAsync(limit: 2);
        IReadOnlyList<QueueLease> rest = await LeaseAsync();

        Assert.Equal([first.Message.Id, second.Message.Id], two.Select(lease => lease.Message.Id));
        Assert.Equal([third.Message.Id], rest.Select(lease => lease.Message.Id));
    }

    [Fact]
    public async Task Only_the_recipients_that_are_due_are_to_be_tried()
    {
        QueueLease lease = await AcceptLeasedAsync(Letter("a@example.net", "b@example.net", "c@example.net", "d@example.net"));
        await Store.SettleAsync(
            Deferred(lease, TimeSpan.FromMinutes(1), 1) with
            {
                Recipients =
                [
                    new RecipientSettlement(0, RecipientState.Delivered, 1, default, "250 Ok"),
                    new RecipientSettlement(1, RecipientState.Waiting, 1, Now + TimeSpan.FromMinutes(1), "451 Later"),
                    new RecipientSettlement(2, RecipientState.Waiting, 1, Now + TimeSpan.FromMinutes(9), "451 Much later"),
                ],
            },
            Token);
        Assert.Equal(Now + TimeSpan.FromMinutes(1), await Store.NextDueAsync(MailRoute.Smarthost, Token));
        Clock.Advance(TimeSpan.FromMinutes(1));

        QueueLease next = await LeaseOneAsync();

        Assert.Equal([1], next.Due.Select(recipient => recipient.Ordinal));
        Assert.Equal(3, next.Message.Recipients.Count);
        Assert.Equal(SettleResult.Settled, await Store.SettleAsync(Delivered(next), Token));
        Assert.Equal(Now + TimeSpan.FromMinutes(8), await Store.NextDueAsync(MailRoute.Smarthost, Token));
    }

    [Fact]
    public async Task Nothing_is_due_when_nothing_waits()
    {
        Assert.Null(await Store.NextDueAsync(MailRoute.Smarthost, Token));
        QueueId id = await AcceptAsync(Letter());
        Assert.Equal(Now, await Store.NextDueAsync(MailRoute.Smarthost, Token));
        await Store.ApplyAsync(QueueAction.Hold, new QueueSelection { Ids = [id] }, Now, Token);
        Assert.Null(await Store.NextDueAsync(MailRoute.Smarthost, Token));
    }

    [Fact]
    public async Task What_waits_past_its_notice_or_its_expiry_is_leased_with_every_waiting_recipient()
    {
        QueueLease lease = await AcceptLeasedAsync(Letter("a@example.net", "b@example.net", "c@example.net"));
        await AcceptLeasedAsync(Letter());
        await Store.SettleAsync(Deferred(lease, TimeSpan.FromDays(2)), Token);
        Clock.Advance(TimeSpan.FromHours(3.9));
        Assert.Empty(await Store.LeaseOverdueAsync(Now, 10, s_leaseFor, Token));
        Clock.Advance(TimeSpan.FromHours(0.2));

        QueueLease late = Assert.Single(await Store.LeaseOverdueAsync(Now, 10, s_leaseFor, Token), l => l.Message.Id == lease.Message.Id);
        Assert.Equal([0, 1], late.Due.Select(recipient => recipient.Ordinal));
        await Store.SettleAsync(new Settlement { Lease = late, DelayNoticeDone = true }, Token);
        Assert.DoesNotContain(
            await Store.LeaseOverdueAsync(Now, 10, s_leaseFor, Token), l => l.Message.Id == lease.Message.Id);
        Clock.Advance(TimeSpan.FromDays(5));

        IReadOnlyList<QueueLease> expired = await Store.LeaseOverdueAsync(Now, 10, s_leaseFor, Token);
        Assert.Contains(expired, l => l.Message.Id == lease.Message.Id && l.Message.DelayNoticeAt is null && l.Due.Count == 2);
    }

    [Fact]
    public async Task A_settlement_that_names_nobody_gives_the_message_back_as_it_was()
    {
        await AcceptAsync(Letter());
        QueueLease lease = await LeaseOneAsync();

        Assert.Equal(SettleResult.Settled, await Store.SettleAsync(new Settlement { Lease = lease }, Token));

        QueueLease again = await LeaseOneAsync();
        Assert.Equal(lease.Message.Recipients, again.Message.Recipients);
        Assert.Empty(await HistoryAsync(lease.Message.Id));
    }

    [Fact]
    public async Task Many_who_lease_at_once_never_get_the_same_message()
    {
        for (int i = 0; i < 60; i++)
        {
            await AcceptAsync(Letter());
        }

        IReadOnlyList<QueueLease>[] leased = await Task.WhenAll(Enumerable.Range(0, 12).Select(_ => LeaseAsync(limit: 7).AsTask()));

        Assert.Equal(60, leased.SelectMany(leases => leases).Select(lease => lease.Message.Id).Distinct().Count());
        Assert.Equal(60, leased.Sum(leases => leases.Count));
    }
}
