using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Integration.Queue;

public abstract partial class QueueStoreContract
{
    [Fact]
    public async Task Settling_twice_changes_nothing_the_second_time()
    {
        QueueLease gone = await AcceptLeasedAsync(Letter());
        QueueLease deferred = await AcceptLeasedAsync(Letter());
        await Store.SettleAsync(Delivered(gone), Token);
        await Store.SettleAsync(Deferred(deferred, TimeSpan.FromMinutes(1)), Token);
        QueuedMessage before = await ShowAsync(deferred.Message.Id);
        await using PreparedMessage report = await PrepareAsync(Letter(sender: ""));

        Assert.Equal(SettleResult.LeaseLost, await Store.SettleAsync(Delivered(gone) with { Reports = [report] }, Token));
        Assert.Equal(SettleResult.LeaseLost, await Store.SettleAsync(Deferred(deferred, TimeSpan.FromMinutes(1)), Token));

        QueuedMessage after = Assert.Single(await Store.ListAsync(QueueSelection.All, Token).ToListAsync(Token));
        Assert.Equal(before.Recipients, after.Recipients);
        Assert.Single(await HistoryAsync(gone.Message.Id));
        Assert.Single(await HistoryAsync(deferred.Message.Id));
    }

    [Fact]
    public async Task A_delivered_message_is_gone_but_for_its_history()
    {
        QueueLease lease = await AcceptLeasedAsync(Letter("a@example.net", "b@example.net", "c@example.net"));
        await Store.SettleAsync(Delivered(lease), Token);

        Assert.Empty(await IdsAsync(QueueSelection.All));
        Assert.Null(await Store.FindContentAsync(lease.Message.Id, Token));
        Assert.Equal([Entry(lease, 0, "delivered"), Entry(lease, 1, "delivered")], await HistoryAsync(lease.Message.Id));
    }

    [Fact]
    public async Task A_message_stays_until_its_last_recipient_is_delivered_or_bounced()
    {
        QueueLease lease = await AcceptLeasedAsync(Letter("a@example.net", "b@example.net", "c@example.net", "d@example.net"));
        await Store.SettleAsync(Delivered(lease, 0), Token);
        QueueLease second = await LeaseOneAsync();
        Assert.Equal(RecipientState.Delivered, second.Message.Recipients[0].State);
        await Store.SettleAsync(
            new Settlement
            {
                Lease = second,
                Recipients =
                [
                    new RecipientSettlement(1, RecipientState.Bounced, 1, default, "550 5.1.1 No such user"),
                    new RecipientSettlement(2, RecipientState.Parked, 1, default, "550 5.1.8 Sender refused"),
                ],
            },
            Token);

        QueuedMessage left = await ShowAsync(lease.Message.Id);
        Assert.Equal(
            [RecipientState.Delivered, RecipientState.Bounced, RecipientState.Parked], left.Recipients.Select(recipient => recipient.State));
        Assert.Equal("550 5.1.8 Sender refused", left.Recipients[2].LastReply);
        Assert.Empty(await LeaseAsync());
    }

    [Fact]
    public async Task A_deferred_recipient_remembers_what_was_said_and_how_often()
    {
        QueueLease lease = await AcceptLeasedAsync(Letter());
        await Store.SettleAsync(
            new Settlement
            {
                Lease = lease,
                Recipients =
                [
                    new RecipientSettlement(
                        0, RecipientState.Waiting, 3, Now + TimeSpan.FromMinutes(8), "451 4.7.1 Später", MayHaveBeenDelivered: true),
                ],
            },
            Token);
        await ReopenAsync(abruptly: false);

        QueuedRecipient recipient = (await ShowAsync(lease.Message.Id)).Recipients[0];
        Assert.Equal(
            (RecipientState.Waiting, 3, Now + TimeSpan.FromMinutes(8), "451 4.7.1 Später", true),
            (recipient.State, recipient.Attempts, recipient.NextAttempt, recipient.LastReply, recipient.MayHaveBeenDelivered));
    }

    [Fact]
    public async Task Reports_are_committed_with_the_settlement()
    {
        QueueLease lease = await AcceptLeasedAsync(Letter());
        byte[] small = Octets(500, seed: 2);
        byte[] large = Octets(100_000, seed: 3);
        await using PreparedMessage first = await PrepareAsync(Letter(sender: ""), small);
        await using PreparedMessage second = await PrepareAsync(Letter(sender: ""), large);

        Assert.Equal(SettleResult.Settled, await Store.SettleAsync(Delivered(lease) with { Reports = [first, second] }, Token));
        await first.DisposeAsync();
        await second.DisposeAsync();

        IReadOnlyList<QueueLease> reports = await LeaseAsync();
        Assert.Equal([first.Id, second.Id], reports.Select(report => report.Message.Id));
        Assert.Equal(small, Read(reports[0].Content));
        Assert.Equal(large, Read(reports[1].Content));
    }

    [Fact]
    public async Task A_settlement_whose_report_cannot_be_committed_is_not_committed_either()
    {
        QueueLease lease = await AcceptLeasedAsync(Letter());
        await using PreparedMessage good = await PrepareAsync(Letter(sender: ""));
        await using PreparedMessage taken = await PrepareAsync(Letter(sender: ""));
        await Store.CommitAsync(taken, lease: false, Token);

        Assert.Equal(SettleResult.Failed, await Store.SettleAsync(Delivered(lease) with { Reports = [good, taken] }, Token));

        Assert.Equal([lease.Message.Id, taken.Id], await IdsAsync(QueueSelection.All));
        Assert.Empty(await HistoryAsync(lease.Message.Id));
        Assert.Equal(2, (await Store.TotalsAsync(Token)).Messages);
        Assert.Equal(SettleResult.Settled, await Store.SettleAsync(Delivered(lease) with { Reports = [good] }, Token));
        Assert.Equal([good.Id, taken.Id], (await IdsAsync(QueueSelection.All)).OrderBy(id => id.Value));
    }

    [Fact]
    public async Task Of_a_message_deleted_in_delivery_the_history_is_kept_and_no_report_sent()
    {
        QueueLease lease = await AcceptLeasedAsync(Letter());
        Assert.Equal(1, await Store.ApplyAsync(QueueAction.Delete, new QueueSelection { Ids = [lease.Message.Id] }, Now, Token));
        await using PreparedMessage report = await PrepareAsync(Letter(sender: ""));

        Assert.Equal(SettleResult.LeaseLost, await Store.SettleAsync(Delivered(lease) with { Reports = [report] }, Token));

        Assert.Empty(await IdsAsync(QueueSelection.All));
        Assert.Equal(["deleted", "delivered"], (await HistoryAsync(lease.Message.Id)).Select(entry => entry.Outcome));
        Assert.Equal(new QueueTotals(0, 0, 0, 0, 0, 0, null, null), await Store.TotalsAsync(Token));
    }

    [Fact]
    public async Task Held_mail_stays_put()
    {
        QueueId id = await AcceptAsync(Letter());
        Assert.Equal(1, await Store.ApplyAsync(QueueAction.Hold, QueueSelection.All, Now, Token));

        Clock.Advance(TimeSpan.FromDays(30));

        Assert.Empty(await LeaseAsync());
        Assert.Empty(await Store.LeaseOverdueAsync(Now, 10, s_leaseFor, Token));
        Assert.Equal(0, await Store.ApplyAsync(QueueAction.Retry, QueueSelection.All, Now, Token));
        Assert.Equal(1, await Store.ApplyAsync(QueueAction.Release, QueueSelection.All, Now, Token));
        Assert.Equal(id, (await LeaseOneAsync()).Message.Id);
    }

    [Fact]
    public async Task Mail_held_while_it_is_being_delivered_stays_held_unless_it_was_delivered()
    {
        QueueLease lease = await AcceptLeasedAsync(Letter("a@example.net", "b@example.net", "c@example.net"));
        await Store.ApplyAsync(QueueAction.Hold, QueueSelection.All, Now, Token);

        Assert.Equal(
            SettleResult.Settled,
            await Store.SettleAsync(
                new Settlement
                {
                    Lease = lease,
                    Recipients =
                    [
                        new RecipientSettlement(0, RecipientState.Delivered, 1, default, "250 Ok"),
                        new RecipientSettlement(1, RecipientState.Waiting, 1, Now, "451 Later"),
                    ],
                },
                Token));

        QueuedMessage left = await ShowAsync(lease.Message.Id);
        Assert.Equal([RecipientState.Delivered, RecipientState.Held], left.Recipients.Select(recipient => recipient.State));
        Assert.Equal("451 Later", left.Recipients[1].LastReply);
        Clock.Advance(TimeSpan.FromDays(1));
        Assert.Empty(await LeaseAsync());
    }
}
