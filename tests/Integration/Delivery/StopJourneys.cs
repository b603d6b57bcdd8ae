using Microsoft.Extensions.Logging;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Integration.Delivery;

/// <summary>The end of a run, in order and out of order: nothing is lost by either.</summary>
public sealed class StopJourneys : IAsyncDisposable
{
    private const string Sender = "alice@example.net";
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(30);
    private readonly DeliveryUnderTest _relay = new();

    public ValueTask DisposeAsync() => _relay.DisposeAsync();

    [Fact]
    public async Task What_is_being_sent_is_finished_and_recorded()
    {
        var atTheDot = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        _relay.Smarthost.OnEndOfData = _ =>
        {
            atTheDot.TrySetResult();
            return FakeAnswer.Reply("250 2.0.0 Ok").OnceDone(goOn.Task);
        };
        _relay.Start();
        await _relay.AcceptAsync(Sender, "bob@example.org");
        await atTheDot.Task.WaitAsync(s_safety, TestContext.Current.CancellationToken);

        Task stopping = _relay.StopAsync();
        Assert.False(stopping.IsCompleted);
        goOn.SetResult();
        await stopping;

        Assert.Single(_relay.Smarthost.Mails);
        Assert.Empty(await _relay.QueueAsync());
    }

    [Fact]
    public async Task With_try_once_what_is_due_is_tried_and_what_fails_waits_for_the_next_start()
    {
        _relay.Smarthost.OnRcpt = step => step.Line.Contains("later", StringComparison.Ordinal) ? "450 4.2.0 Greylisted" : "250 2.1.5 Ok";
        for (int i = 0; i < 100; i++)
        {
            await _relay.AcceptAsync(Sender, i % 10 == 0 ? $"later{i}@example.org" : $"bob{i}@example.org");
        }

        await _relay.StopAsync(tryOnce: true);

        Assert.Equal(90, _relay.Smarthost.Mails.Count);
        IReadOnlyList<QueuedMessage> left = await _relay.QueueAsync();
        Assert.Equal(10, left.Count);
        Assert.All(left, message => Assert.Equal((1, false), (message.Recipients[0].Attempts, message.InDelivery)));
    }

    [Fact]
    public async Task With_try_once_what_was_put_off_is_tried_before_its_time_and_no_more_than_once()
    {
        _relay.Smarthost.OnRcpt = _ => "450 4.2.0 Greylisted";
        for (int i = 0; i < 10; i++)
        {
            await _relay.AcceptAsync(Sender, $"bob{i}@example.org");
        }

        _relay.Start();
        await _relay.QuietAsync();
        _relay.Smarthost.OnRcpt = step => step.Line.Contains("bob7", StringComparison.Ordinal) ? "450 4.2.0 Greylisted" : "250 2.1.5 Ok";
        await _relay.StopAsync(tryOnce: true);

        Assert.Equal(9, _relay.Smarthost.Mails.Count);
        QueuedMessage left = Assert.Single(await _relay.QueueAsync());
        Assert.Equal((2, false), (left.Recipients[0].Attempts, left.InDelivery));
        Assert.True(left.Recipients[0].NextAttempt > _relay.Clock.GetUtcNow());
    }

    [Fact]
    public async Task With_try_once_a_smarthost_that_is_left_alone_is_asked_before_its_rest_is_over()
    {
        _relay.IsAway = true;
        _relay.Start();
        await _relay.AcceptAsync(Sender, "bob@example.org");
        await _relay.QuietAsync();
        Assert.NotEqual(TimeSpan.Zero, _relay.Service.Snapshot.RestLeft);

        _relay.IsAway = false;
        await _relay.StopAsync(tryOnce: true);

        Assert.Single(_relay.Smarthost.Mails);
        Assert.Empty(await _relay.QueueAsync());
    }

    [Fact]
    public async Task With_try_once_mail_that_waits_to_be_asked_for_goes_on_waiting()
    {
        _relay.QueueOptions.SendWhenAsked = true;
        await _relay.AcceptAsync(Sender, "bob@example.org");

        _relay.Start();
        await _relay.StopAsync(tryOnce: true);

        Assert.Empty(_relay.Smarthost.Mails);
        Assert.Single(await _relay.QueueAsync());
    }

    [Fact]
    public async Task With_try_once_nothing_is_begun_in_the_last_five_seconds_and_what_was_begun_is_finished()
    {
        _relay.SmarthostOptions.MaxConnections = 1;
        var atTheDot = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        _relay.Smarthost.OnEndOfData = _ =>
        {
            atTheDot.TrySetResult();
            return FakeAnswer.Reply("250 2.0.0 Ok").OnceDone(goOn.Task);
        };
        await _relay.AcceptAsync(Sender, "bob@example.org");
        await _relay.AcceptAsync(Sender, "carol@example.org");

        Task stopping = _relay.StopAsync(tryOnce: true, grace: TimeSpan.FromSeconds(30));
        await atTheDot.Task.WaitAsync(s_safety, TestContext.Current.CancellationToken);
        _relay.Clock.Advance(TimeSpan.FromSeconds(25));
        goOn.SetResult();
        await stopping;

        Assert.Equal("bob@example.org", Assert.Single(_relay.Smarthost.Mails).Recipients[0]);
        QueuedMessage left = Assert.Single(await _relay.QueueAsync());
        Assert.Equal((0, false), (left.Recipients[0].Attempts, left.InDelivery));
    }

    [Fact]
    public async Task With_try_once_a_smarthost_that_is_away_is_asked_once_and_all_mail_stays()
    {
        _relay.IsAway = true;
        for (int i = 0; i < 100; i++)
        {
            await _relay.AcceptAsync(Sender, $"bob{i}@example.org");
        }

        _relay.Start();
        await _relay.StopAsync(tryOnce: true);

        Assert.InRange(_relay.Dialer.Dials, 1, 2);
        Assert.Equal(100, (await _relay.QueueAsync()).Count(message => !message.InDelivery));
    }

    [Fact]
    public async Task Without_try_once_nothing_new_is_begun_and_what_waited_in_memory_goes_back()
    {
        _relay.SmarthostOptions.MaxConnections = 1;
        var first = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        _relay.Smarthost.OnEndOfData = _ =>
        {
            first.TrySetResult();
            return FakeAnswer.Reply("250 2.0.0 Ok").OnceDone(goOn.Task);
        };
        _relay.Start();
        await _relay.QuietAsync();
        for (int i = 0; i < 20; i++)
        {
            await _relay.AcceptAsync(Sender, $"bob{i}@example.org");
        }

        await first.Task.WaitAsync(s_safety, TestContext.Current.CancellationToken);
        Task stopping = _relay.StopAsync();
        goOn.SetResult();
        await stopping;

        Assert.Single(_relay.Smarthost.Mails);
        Assert.Equal(19, (await _relay.QueueAsync()).Count(message => !message.InDelivery));
        Assert.False(_relay.HandOver.TryReserve(1));
    }

    [Fact]
    public async Task When_the_grace_ends_connections_are_torn_away_and_what_they_sent_is_in_doubt()
    {
        var atTheDot = new TaskCompletionSource();
        _relay.Smarthost.OnEndOfData = _ =>
        {
            atTheDot.TrySetResult();
            return FakeAnswer.Silence;
        };
        _relay.Start();
        QueueId id = await _relay.AcceptAsync(Sender, "bob@example.org");
        await atTheDot.Task.WaitAsync(s_safety, TestContext.Current.CancellationToken);

        Task stopping = _relay.StopAsync(grace: TimeSpan.FromSeconds(30));
        _relay.Clock.Advance(TimeSpan.FromSeconds(30));
        await stopping;

        QueuedMessage left = Assert.Single(await _relay.QueueAsync());
        Assert.Equal((id, true, false), (left.Id, left.Recipients[0].MayHaveBeenDelivered, left.InDelivery));
        Assert.Equal("in-doubt", Assert.Single(await _relay.HistoryAsync(id)).Outcome);
    }

    [Fact]
    public async Task A_store_that_cannot_record_stops_delivery_instead_of_letting_it_run_on()
    {
        var store = (MemoryQueueStore)_relay.Store;
        for (int i = 0; i < 200; i++)
        {
            await _relay.AcceptAsync(Sender, $"bob{i}@example.org");
        }

        _relay.Smarthost.OnMail = _ =>
        {
            store.CommitsAs = CommitStatus.Failed;
            return "250 2.1.0 Ok";
        };
        _relay.Start();

        // 32 unrecorded, and two connections that wait for a place to record one more.
        for (int i = 0; i < 34; i++)
        {
            await _relay.Smarthost.NextMailAsync();
        }

        Assert.Equal(34, _relay.Smarthost.Mails.Count);
        Assert.Equal(200, (await _relay.QueueAsync()).Count);

        store.CommitsAs = CommitStatus.Committed;
        _relay.Smarthost.OnMail = null;
        _relay.Clock.Advance(TimeSpan.FromSeconds(2));
        await _relay.QuietAsync();

        Assert.Empty(await _relay.QueueAsync());
        Assert.Equal(200, _relay.Smarthost.Mails.Select(mail => mail.Recipients[0]).Distinct().Count());
        Assert.Equal(200, _relay.Smarthost.Mails.Count);
    }

    [Fact]
    public async Task A_store_that_never_recovers_does_not_keep_the_relay_from_stopping()
    {
        var store = (MemoryQueueStore)_relay.Store;
        _relay.Smarthost.OnEndOfData = _ =>
        {
            store.CommitsAs = CommitStatus.Failed;
            return "250 2.0.0 Ok";
        };
        _relay.Start();
        QueueId id = await _relay.AcceptAsync(Sender, "bob@example.org");
        await _relay.Smarthost.NextMailAsync();

        Task stopping = _relay.StopAsync(grace: TimeSpan.FromSeconds(30));
        while (!stopping.IsCompleted)
        {
            _relay.Clock.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        await stopping;
        Assert.Equal("Waiting", await _relay.StateAsync(id));
        Assert.Contains(_relay.Logged(LogLevel.Error), line => line.Contains("was not recorded, it may be sent again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_delivery_that_outlasts_its_lease_is_not_begun_a_second_time()
    {
        var atTheDot = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        _relay.SmarthostOptions.EndOfDataTimeout = TimeSpan.FromDays(2);
        _relay.SmarthostOptions.MaxConnections = 2;
        _relay.Smarthost.OnEndOfData = _ =>
        {
            atTheDot.TrySetResult();
            return FakeAnswer.Reply("250 2.0.0 Ok").OnceDone(goOn.Task);
        };
        QueueId id = await _relay.AcceptAsync(Sender, "bob@example.org");
        _relay.Start();
        await atTheDot.Task.WaitAsync(s_safety, TestContext.Current.CancellationToken);

        // The store offers the message again: its lease has lapsed.
        for (int i = 0; i < 5; i++)
        {
            _relay.Clock.Advance(TimeSpan.FromHours(1));
            _relay.Service.Flush();
        }

        goOn.SetResult();
        await _relay.QuietAsync();

        Assert.Single(_relay.Smarthost.Mails);
        Assert.Empty(await _relay.QueueAsync());
        Assert.Equal("delivered", Assert.Single(await _relay.HistoryAsync(id)).Outcome);
    }
}
