using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Integration.Queue;

public abstract partial class QueueStoreContract
{
    [Fact]
    public async Task Selections_find_what_they_name_and_nothing_else()
    {
        QueueId fresh = await AcceptAsync(Letter("a@example.net", "x@one.example"));
        QueueLease tried = await AcceptLeasedAsync(Letter("b@example.net", "y@two.example", "z@ONE.example"));
        await Store.SettleAsync(Deferred(tried, TimeSpan.FromMinutes(1)), Token);
        QueueId held = await AcceptAsync(Letter("c@other.example", "Y@two.example"));
        await Store.ApplyAsync(QueueAction.Hold, new QueueSelection { Ids = [held] }, Now, Token);
        QueueLease bounce = await AcceptLeasedAsync(Letter(sender: "", "c@other.example"));
        await Store.SettleAsync(
            new Settlement { Lease = bounce, Recipients = [new RecipientSettlement(0, RecipientState.Parked, 1, default, "550 No")] }, Token);
        QueueId second = tried.Message.Id;
        QueueId last = bounce.Message.Id;

        Assert.Equal([fresh, second, held, last], await IdsAsync(QueueSelection.All));
        Assert.Equal([fresh, second], await IdsAsync(new QueueSelection { Limit = 2 }));
        Assert.Equal([second, last], await IdsAsync(new QueueSelection { Ids = [last, second, new QueueId(7)] }));
        Assert.Equal([second, held], await IdsAsync(new QueueSelection { Address = "y@two.example" }));
        Assert.Equal([fresh, second], await IdsAsync(new QueueSelection { Address = "@one.example" }));
        Assert.Equal([held, last], await IdsAsync(new QueueSelection { Address = "c@OTHER.example" }));
        Assert.Equal([fresh, second], await IdsAsync(new QueueSelection { State = RecipientState.Waiting }));
        Assert.Equal([held], await IdsAsync(new QueueSelection { State = RecipientState.Held }));
        Assert.Equal([last], await IdsAsync(new QueueSelection { State = RecipientState.Parked }));
        Assert.Equal([second], await IdsAsync(new QueueSelection { Deferred = true }));
        Assert.Equal([], await IdsAsync(new QueueSelection { Deferred = true, Address = "a@example.net" }));
        Assert.Equal([], await IdsAsync(new QueueSelection { Ids = [fresh], State = RecipientState.Held }));
    }

    [Theory]
    [InlineData("Jörg", "jörg@example.net")]
    [InlineData("Jörg", "JÖRG@Example.NET")]
    [InlineData("a b", "\"A b\"@example.net")]
    [InlineData("o'neil", "O'Neil@example.net")]
    [InlineData("x", "@EXAMPLE.net")]
    public async Task Addresses_are_found_however_they_are_written(string localPart, string address)
    {
        await AcceptAsync(Letter("somebody@else.example", "other@else.example"));
        QueueId id = await AcceptAsync(
            Letter("somebody@else.example") with { Recipients = [new Recipient(new Mailbox(localPart, "example.net"))] });

        Assert.Equal([id], await IdsAsync(new QueueSelection { Address = address }));
    }

    [Fact]
    public async Task A_list_longer_than_any_page_is_complete_and_in_order()
    {
        var ids = new List<QueueId>();
        for (int i = 0; i < 600; i++)
        {
            ids.Add(await AcceptAsync(Letter("a@example.net", i % 2 == 0 ? "even@example.net" : "odd@example.net"), Octets(10)));
        }

        Assert.Equal(ids, await IdsAsync(QueueSelection.All));
        Assert.Equal(ids.Where((_, i) => i % 2 == 1), await IdsAsync(new QueueSelection { Address = "odd@example.net" }));
        Assert.Equal(300, await Store.ApplyAsync(QueueAction.Delete, new QueueSelection { Address = "odd@example.net" }, Now, Token));
        Assert.Equal(ids.Where((_, i) => i % 2 == 0), await IdsAsync(QueueSelection.All));
        Assert.Equal(10, await Store.ApplyAsync(QueueAction.Hold, new QueueSelection { Limit = 10 }, Now, Token));
        Assert.Equal(10, (await Store.TotalsAsync(Token)).Held);
    }

    [Fact]
    public async Task Retry_makes_waiting_mail_due_now()
    {
        QueueLease lease = await AcceptLeasedAsync(Letter());
        await Store.SettleAsync(Deferred(lease, TimeSpan.FromHours(4)), Token);
        Assert.Empty(await LeaseAsync());

        Assert.Equal(1, await Store.ApplyAsync(QueueAction.Retry, new QueueSelection { Deferred = true }, Now, Token));

        Assert.Equal(lease.Message.Id, (await LeaseOneAsync()).Message.Id);
    }

    [Fact]
    public async Task Mail_that_is_not_to_be_tried_yet_is_not_due_until_then_or_until_it_is_asked_for()
    {
        QueueId asked = await AcceptAsync(Letter() with { FirstAttempt = Now + TimeSpan.FromDays(5) });
        QueueId later = await AcceptAsync(Letter() with { FirstAttempt = Now + TimeSpan.FromHours(1) });
        Assert.Empty(await LeaseAsync());
        Assert.Equal(Now + TimeSpan.FromHours(1), await Store.NextDueAsync(MailRoute.Smarthost, Token));

        await Store.ApplyAsync(QueueAction.Retry, new QueueSelection { Ids = [asked] }, Now, Token);
        Assert.Equal(asked, (await LeaseOneAsync()).Message.Id);

        Clock.Advance(TimeSpan.FromHours(1));
        Assert.Contains(await LeaseAsync(), lease => lease.Message.Id == later);
    }

    [Fact]
    public async Task What_is_due_already_keeps_its_place_and_is_counted_as_retried()
    {
        QueueId first = await AcceptAsync(Letter());
        Clock.Advance(TimeSpan.FromSeconds(1));
        QueueLease lease = await AcceptLeasedAsync(Letter());
        await Store.SettleAsync(Deferred(lease, TimeSpan.FromHours(4)), Token);
        Clock.Advance(TimeSpan.FromSeconds(1));
        QueueId last = await AcceptAsync(Letter());
        QueueId held = await AcceptAsync(Letter());
        await Store.ApplyAsync(QueueAction.Hold, new QueueSelection { Ids = [held] }, Now, Token);
        long generation = await Store.FlushGenerationAsync(Token);

        Assert.Equal(2, await Store.ApplyAsync(QueueAction.Retry, new QueueSelection { Ids = [first, last] }, Now, Token));
        Assert.True(await Store.FlushGenerationAsync(Token) > generation);
        Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(3, await Store.ApplyAsync(QueueAction.Retry, QueueSelection.All, Now, Token));

        Assert.Equal([first, last, lease.Message.Id], (await LeaseAsync()).Select(due => due.Message.Id));
    }

    [Theory]
    [InlineData("Retry")]
    [InlineData("Hold")]
    public async Task Whoever_changes_many_messages_is_told_how_far_it_is(string action)
    {
        QueueLease[] leases = await Task.WhenAll(Enumerable.Range(0, 1500).Select(_ => AcceptLeasedAsync(Letter(), Octets(10))));
        await Task.WhenAll(leases.Select(lease => Store.SettleAsync(Deferred(lease, TimeSpan.FromHours(1)), Token).AsTask()));
        var told = new List<int>();

        int changed = await Store.ApplyAsync(Enum.Parse<QueueAction>(action), QueueSelection.All, Now, told.Add, Token);

        Assert.Equal(1500, changed);
        Assert.NotEmpty(told);
        Assert.Equal(told.Order(), told);
        Assert.InRange(told[^1], 1, 1500);
    }

    [Fact]
    public async Task A_delivery_sees_that_an_operator_wants_mail_to_be_tried_now()
    {
        long before = await Store.FlushGenerationAsync(Token);
        QueueId id = await AcceptAsync(Letter());
        Assert.Equal(before, await Store.FlushGenerationAsync(Token));

        await Store.ApplyAsync(QueueAction.Retry, QueueSelection.All, Now, Token);
        long afterRetry = await Store.FlushGenerationAsync(Token);
        await Store.ApplyAsync(QueueAction.Hold, QueueSelection.All, Now, Token);
        long afterHold = await Store.FlushGenerationAsync(Token);
        await Store.ApplyAsync(QueueAction.Release, new QueueSelection { Ids = [id] }, Now, Token);

        Assert.True(afterRetry > before);
        Assert.Equal(afterRetry, afterHold);
        Assert.True(await Store.FlushGenerationAsync(Token) > afterHold);
    }

    [Fact]
    public async Task Deleted_mail_leaves_a_history_row_for_each_recipient_that_still_waited()
    {
        QueueLease lease = await AcceptLeasedAsync(Letter("a@example.net", "b@example.net", "c@example.net"));
        await Store.SettleAsync(Delivered(lease, 0), Token);
        Clock.Advance(TimeSpan.FromSeconds(5));

        await Store.ApplyAsync(QueueAction.Delete, QueueSelection.All, Now, Token);

        List<HistoryEntry> history = await HistoryAsync(lease.Message.Id);
        Assert.Equal(["delivered", "deleted"], history.Select(entry => entry.Outcome));
        Assert.Equal(("a@example.net", "c@example.net"), (history[1].Sender, history[1].Recipient));
        Assert.Equal(TimeSpan.FromSeconds(5), history[1].Delay);
    }

    [Fact]
    public async Task History_is_found_by_id_and_by_address_whatever_its_case()
    {
        QueueLease one = await AcceptLeasedAsync(Letter("Boss@example.net", "x@one.example", "y@two.example"));
        QueueLease two = await AcceptLeasedAsync(Letter(sender: "", "boss@Example.NET"));
        await Store.SettleAsync(Delivered(one), Token);
        Clock.Advance(TimeSpan.FromSeconds(1));
        await Store.SettleAsync(Delivered(two), Token);

        Assert.Equal(2, (await HistoryAsync(one.Message.Id)).Count);
        Assert.Equal([Entry(two, 0, "delivered")], await HistoryAsync(two.Message.Id));
        List<HistoryEntry> boss = await HistoryAsync(new HistorySelection(Address: "BOSS@example.net"));
        Assert.Equal([one.Message.Id, one.Message.Id, two.Message.Id], boss.Select(entry => entry.Id));
        Assert.Equal(
            ["y@two.example"],
            (await HistoryAsync(new HistorySelection(Address: "y@two.example"))).Select(entry => entry.Recipient));
        Assert.Single(await HistoryAsync(new HistorySelection(Address: "boss@example.net", Limit: 1)));
        Assert.Equal(3, (await HistoryAsync(new HistorySelection())).Count);
    }

    [Fact]
    public async Task A_history_longer_than_any_page_is_complete_and_in_order()
    {
        QueueLease lease = await AcceptLeasedAsync(
            Letter("a@example.net", [.. Enumerable.Range(0, 700).Select(i => $"r{i}@example.net")]));
        await Store.SettleAsync(Delivered(lease), Token);

        string[] expected = [.. Enumerable.Range(0, 700).Select(i => $"r{i}@example.net")];
        Assert.Equal(expected, (await HistoryAsync(lease.Message.Id)).Select(entry => entry.Recipient));
        Assert.Equal(
            expected,
            (await HistoryAsync(new HistorySelection(Address: "a@example.net"))).Select(entry => entry.Recipient));
    }

    [Fact]
    public async Task A_history_of_thousands_by_address_is_complete_and_in_order()
    {
        for (int i = 0; i < 5; i++)
        {
            QueueLease lease = await AcceptLeasedAsync(
                Letter("a@example.net", [.. Enumerable.Range(0, 2000).Select(n => n % 500 == i ? $"rare{i}@example.net" : $"r{n}@example.net")]));
            await Store.SettleAsync(Delivered(lease), Token);
        }

        Assert.Equal(10_000, (await HistoryAsync(new HistorySelection(Address: "a@example.net"))).Count);
        Assert.Equal(4, (await HistoryAsync(new HistorySelection(Address: "rare0@example.net"))).Count);
        Assert.Equal(5, (await HistoryAsync(new HistorySelection(Address: "r17@example.net"))).Count);
        List<HistoryEntry> last = await HistoryAsync(new HistorySelection(Address: "rare4@example.net"));
        Assert.Equal(4, last.Count);
        Assert.All(last, entry => Assert.Equal("rare4@example.net", entry.Recipient));
    }

    [Fact]
    public async Task Old_history_is_forgotten_and_young_history_is_not()
    {
        QueueLease old = await AcceptLeasedAsync(Letter());
        await Store.SettleAsync(Delivered(old), Token);
        Clock.Advance(TimeSpan.FromDays(8));
        QueueLease young = await AcceptLeasedAsync(Letter());
        await Store.SettleAsync(Delivered(young), Token);

        while (await Store.PruneAsync(Now - TimeSpan.FromDays(7), Token))
        {
        }

        Assert.Empty(await HistoryAsync(old.Message.Id));
        Assert.Single(await HistoryAsync(young.Message.Id));
    }

    [Fact]
    public async Task Who_looks_on_hears_of_the_newest_and_of_nothing_twice()
    {
        for (int i = 0; i < 5; i++)
        {
            QueueLease lease = await AcceptLeasedAsync(Letter("a@example.net", $"r{i}@example.net"));
            await Store.SettleAsync(Delivered(lease), Token);
        }

        HistoryNews first = await Store.HistorySinceAsync(mark: 0, most: 3, Token);
        Assert.Equal(["r2@example.net", "r3@example.net", "r4@example.net"], first.Entries.Select(entry => entry.Recipient));
        Assert.True(first.HasGap);

        HistoryNews nothing = await Store.HistorySinceAsync(first.Mark, most: 3, Token);
        Assert.Equal((0, false, first.Mark), (nothing.Entries.Count, nothing.HasGap, nothing.Mark));

        QueueLease last = await AcceptLeasedAsync(Letter("a@example.net", "x@example.net", "y@example.net", "z@example.net"));
        await Store.SettleAsync(Delivered(last), Token);
        HistoryNews second = await Store.HistorySinceAsync(nothing.Mark, most: 3, Token);
        Assert.Equal(["x@example.net", "y@example.net", "z@example.net"], second.Entries.Select(entry => entry.Recipient));
        Assert.False(second.HasGap);
    }

    [Fact]
    public async Task Totals_follow_every_change()
    {
        DateTimeOffset start = Now;
        QueueLease leased = await AcceptLeasedAsync(Letter("a@example.net", "b@example.net", "c@example.net"), Octets(100));
        Assert.Equal(new QueueTotals(1, 100, 0, 2, 0, 0, start, start), await Store.TotalsAsync(Token));

        Clock.Advance(TimeSpan.FromSeconds(1));
        DateTimeOffset later = Now;
        QueueId second = await AcceptAsync(Letter(), Octets(5000));
        Assert.Equal(new QueueTotals(2, 5100, 1, 2, 0, 0, start, start), await Store.TotalsAsync(Token));

        await Store.ApplyAsync(QueueAction.Hold, new QueueSelection { Ids = [second] }, Now, Token);
        Assert.Equal(new QueueTotals(2, 5100, 0, 2, 1, 0, start, start), await Store.TotalsAsync(Token));

        await Store.SettleAsync(Delivered(leased, 0), Token);
        Assert.Equal(new QueueTotals(2, 5100, 1, 0, 1, 0, start, start), await Store.TotalsAsync(Token));

        QueueLease next = await LeaseOneAsync();
        Assert.Equal(new QueueTotals(2, 5100, 0, 1, 1, 0, start, start), await Store.TotalsAsync(Token));

        await Store.SettleAsync(
            new Settlement { Lease = next, Recipients = [new RecipientSettlement(1, RecipientState.Parked, 1, default, "550 No")] }, Token);
        Assert.Equal(new QueueTotals(2, 5100, 0, 0, 1, 1, start, null), await Store.TotalsAsync(Token));

        await Store.ApplyAsync(QueueAction.Delete, new QueueSelection { State = RecipientState.Parked }, Now, Token);
        Assert.Equal(new QueueTotals(1, 5000, 0, 0, 1, 0, later, null), await Store.TotalsAsync(Token));

        await Store.ApplyAsync(QueueAction.Release, QueueSelection.All, Now, Token);
        Assert.Equal(new QueueTotals(1, 5000, 1, 0, 0, 0, later, later), await Store.TotalsAsync(Token));
    }

    [Fact]
    public async Task A_probe_is_committed_and_leaves_no_mail()
    {
        QueueTotals before = await Store.TotalsAsync(Token);
        Assert.Null(await Store.ProbeAsync(Token));
        Assert.Equal(before, await Store.TotalsAsync(Token));
        Assert.True(Store.FreeOctets > 0);
    }

    [Fact]
    public async Task Whether_a_daemon_serves_it_can_be_asked_by_itself_and_by_an_operator()
    {
        Assert.True(Store.IsServed);
        IQueueStore beside = Create();
        await using (beside)
        {
            await beside.OpenAsync(StoreAccess.Operator, Token);
            Assert.True(beside.IsServed);

            await Store.DisposeAsync();
            Assert.False(beside.IsServed);
        }
    }

    [Fact]
    public async Task An_operator_works_beside_a_daemon()
    {
        QueueId first = await AcceptAsync(Letter());
        await using IQueueStore command = Create();
        await command.OpenAsync(StoreAccess.Operator, Token);

        Assert.Equal(first, Assert.Single(await command.ListAsync(QueueSelection.All, Token).ToListAsync(Token)).Id);
        Assert.Equal(1, await command.ApplyAsync(QueueAction.Hold, QueueSelection.All, Now, Token));
        Assert.Empty(await LeaseAsync());
        QueueId second = await AcceptAsync(Letter());
        Assert.Equal(1, await command.ApplyAsync(QueueAction.Delete, new QueueSelection { Ids = [second] }, Now, Token));
        Assert.Equal(1, await command.ApplyAsync(QueueAction.Release, QueueSelection.All, Now, Token));

        Assert.Equal(first, (await LeaseOneAsync()).Message.Id);
        Assert.Equal(1, (await Store.TotalsAsync(Token)).Messages);
    }

    [Fact]
    public async Task An_operator_works_without_a_daemon_and_may_put_mail_in()
    {
        await Store.DisposeAsync();
        await using (IQueueStore command = Create())
        {
            await command.OpenAsync(StoreAccess.Operator, Token);
            await using IMessageWriter writer = command.BeginMessage(QueueId.Next(Clock));
            await writer.WriteAsync(Octets(10_000), Token);
            await using PreparedMessage prepared = await writer.CompleteAsync(Letter(), Token);
            Assert.Equal(CommitStatus.Committed, (await command.CommitAsync(prepared, lease: false, Token)).Status);
        }

        await ReopenAsync(abruptly: false);
        Assert.Equal(Octets(10_000), Read((await LeaseOneAsync()).Content));
    }

    [Fact]
    public async Task A_laterdaemon_is_refused_and_told_who_has_the_queue()
    {
        await using IQueueStore second = Create();

        QueueUnavailableException refusal =
            await Assert.ThrowsAsync<QueueUnavailableException>(async () => await second.OpenAsync(StoreAccess.Daemon, Token));

        Assert.Contains(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), refusal.Message, StringComparison.Ordinal);
        Assert.Equal(CommitStatus.Committed, (await CommitAsync(Letter())).Status);
    }
}
