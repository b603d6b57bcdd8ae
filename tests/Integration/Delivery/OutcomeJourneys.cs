using Microsoft.Extensions.Logging;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Integration.Delivery;

/// <summary>What becomes of recipients, by what the smarthost says about them.</summary>
public sealed class OutcomeJourneys : IAsyncDisposable
{
    private readonly DeliveryUnderTest _relay = new();

    public ValueTask DisposeAsync() => _relay.DisposeAsync();

    [Fact]
    public async Task Mail_that_is_taken_over_leaves_the_queue_a_log_line_and_a_history_row()
    {
        _relay.Start();
        _relay.Smarthost.OnEndOfData = _ => "250 2.0.0 Ok: queued as 4711";

        QueueId id = await _relay.AcceptAsync("alice@example.net", "bob@example.org");
        await _relay.QuietAsync();

        Assert.Equal(["bob@example.org"], Assert.Single(_relay.Smarthost.Mails).Recipients);
        Assert.Empty(await _relay.QueueAsync());
        Assert.Contains(
            $"{id}: to=<bob@example.org> smarthost=smarthost.test:465 delay=0.00 status=delivered (250 2.0.0 Ok: queued as 4711)", _relay.Logged());
        HistoryEntry row = Assert.Single(await _relay.HistoryAsync(id));
        Assert.Equal(
            ("alice@example.net", "bob@example.org", "smarthost.test:465", "EndOfData", "delivered", "250 2.0.0 Ok: queued as 4711", "TLSv1.3"),
            (row.Sender, row.Recipient, row.Smarthost, row.Stage, row.Outcome, row.Reply, row.Tls));
    }

    [Fact]
    public async Task Mail_that_is_to_wait_until_it_is_asked_for_waits_and_then_goes_like_any_other()
    {
        _relay.QueueOptions = new QueueOptions { SendWhenAsked = true };
        _relay.Start();
        QueueId id = await _relay.AcceptAsync("alice@example.net", "bob@example.org");
        await _relay.QuietAsync();
        await _relay.PassAsync(TimeSpan.FromDays(4), TimeSpan.FromHours(1));
        _relay.Clock.SetUtcNow(_relay.Clock.GetUtcNow() - TimeSpan.FromDays(3));
        await _relay.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));
        Assert.Empty(_relay.Smarthost.Mails);
        Assert.Equal("Waiting", await _relay.StateAsync(id));

        await _relay.Store.ApplyAsync(QueueAction.Retry, QueueSelection.All, _relay.Clock.GetUtcNow(), CancellationToken.None);
        _relay.Service.Flush();
        await _relay.QuietAsync();

        Assert.Equal(["bob@example.org"], Assert.Single(_relay.Smarthost.Mails).Recipients);
        Assert.Empty(await _relay.QueueAsync());
    }

    [Fact]
    public async Task C28_Three_recipients_come_to_three_ends_and_one_report_lists_the_refused_one_alone()
    {
        _relay.Start();
        _relay.Smarthost.OnRcpt = step => step.Recipient switch
        {
            2 => "450 4.2.0 Greylisted",
            3 => "550 5.1.1 No such user",
            _ => "250 2.1.5 Ok",
        };

        QueueId id = await _relay.AcceptAsync("alice@example.net", "one@example.org", "two@example.org", "three@example.org");
        await _relay.QuietAsync();

        Assert.Equal("Delivered Waiting Bounced", await _relay.StateAsync(id));
        CapturedMail bounce = Assert.Single(_relay.Smarthost.Mails, mail => mail.Sender.Length == 0);
        Assert.Equal(["alice@example.net"], bounce.Recipients);
        IReadOnlyDictionary<string, string> failed = Assert.Single(new ReportReader(bounce.Content).PerRecipient);
        Assert.Equal("rfc822; three@example.org", failed["Final-Recipient"]);
        Assert.Equal(
            ["one@example.org delivered", "two@example.org deferred", "three@example.org bounced"],
            (await _relay.HistoryAsync(id)).Select(row => $"{row.Recipient} {row.Outcome}"));
    }

    [Fact]
    public async Task C28_What_was_delivered_is_not_sent_again_with_the_retry_of_the_rest()
    {
        _relay.Start();
        bool first = true;
        _relay.Smarthost.OnRcpt = step => first && step.Recipient == 2 ? "450 4.2.0 Greylisted" : "250 2.1.5 Ok";
        await _relay.AcceptAsync("alice@example.net", "one@example.org", "two@example.org");
        await _relay.QuietAsync();

        first = false;
        await _relay.PassAsync(TimeSpan.FromMinutes(2));

        Assert.Equal(["one@example.org", "two@example.org"], _relay.Smarthost.Mails.SelectMany(mail => mail.Recipients));
        Assert.Empty(await _relay.QueueAsync());
    }

    [Theory]
    [InlineData("452 4.5.3 Too many recipients")]
    [InlineData("552 Too many recipients")]
    public async Task C27_Recipients_that_find_no_room_go_in_the_next_transaction_at_once(string full)
    {
        _relay.Start();
        _relay.Smarthost.OnRcpt = step => step.Recipient > 2 ? full : "250 2.1.5 Ok";

        await _relay.AcceptAsync("alice@example.net", "1@example.org", "2@example.org", "3@example.org", "4@example.org", "5@example.org");
        await _relay.QuietAsync();

        Assert.Equal(
            ["1@example.org 2@example.org", "3@example.org 4@example.org", "5@example.org"],
            _relay.Smarthost.Mails.Select(mail => string.Join(' ', mail.Recipients)));
        Assert.Equal(1, _relay.Smarthost.Connections);

        // Learnt: the next message does not ask for more than two at a time.
        await _relay.AcceptAsync("alice@example.net", "6@example.org", "7@example.org", "8@example.org");
        await _relay.QuietAsync();
        Assert.Equal(["6@example.org 7@example.org", "8@example.org"], _relay.Smarthost.Mails.Skip(3).Select(mail => string.Join(' ', mail.Recipients)));
        Assert.DoesNotContain(_relay.Smarthost.Dialogue.SkipWhile(line => !line.Contains("6@", StringComparison.Ordinal)), line => line == $"S: {full}");
    }

    [Fact]
    public async Task C27_If_none_finds_room_they_wait_and_nothing_bounces()
    {
        _relay.Start();
        _relay.Smarthost.OnRcpt = _ => "552 Too many recipients";

        QueueId id = await _relay.AcceptAsync("alice@example.net", "1@example.org", "2@example.org");
        await _relay.QuietAsync();

        Assert.Equal("Waiting Waiting", await _relay.StateAsync(id));
        Assert.Single(_relay.Smarthost.Commands, command => command.StartsWith("MAIL", StringComparison.Ordinal));
    }

    [Fact]
    public async Task C35_A_message_with_more_recipients_than_a_transaction_takes_goes_in_several()
    {
        _relay.SmarthostOptions.MaxRecipientsPerTransaction = 50;
        _relay.Start();

        await _relay.AcceptAsync("alice@example.net", [.. Enumerable.Range(0, 120).Select(i => $"u{i}@example.org")]);
        await _relay.QuietAsync();

        Assert.Equal([50, 50, 20], _relay.Smarthost.Mails.Select(mail => mail.Recipients.Count));
        Assert.Equal(1, _relay.Smarthost.Connections);
    }

    [Fact]
    public async Task An_unlimited_smarthost_gets_all_recipients_at_once()
    {
        _relay.SmarthostOptions.Provider = "Unlimited";
        _relay.Start();

        await _relay.AcceptAsync("alice@example.net", [.. Enumerable.Range(0, 120).Select(i => $"u{i}@example.org")]);
        await _relay.QuietAsync();

        Assert.Equal(120, Assert.Single(_relay.Smarthost.Mails).Recipients.Count);
    }

    [Theory]
    [InlineData("MAIL", "552 5.3.4 Too big", "")]
    [InlineData("MAIL", "452 4.3.1 No room", "Waiting")]
    [InlineData("DATA", "451 4.3.0 Not now", "Waiting")]
    [InlineData("DATA", "554 5.5.1 No", "")]
    [InlineData(".", "552 5.3.4 Too big", "")]
    [InlineData(".", "452 4.3.1 No room", "Waiting")]
    [InlineData(".", "550 5.7.60 Client does not have permissions to send as this sender", "Parked")]
    public async Task C23_C29_A_reply_to_the_message_as_a_whole_decides_for_all_its_recipients(string step, string reply, string state)
    {
        _relay.Start();
        FakeSmarthost smarthost = _relay.Smarthost;
        switch (step)
        {
            case "MAIL":
                smarthost.OnMail = mail => mail.Line.Contains("alice", StringComparison.Ordinal) ? reply : "250 2.1.0 Ok";
                break;
            case "DATA":
                smarthost.OnData = data => IsFirst(data) ? reply : "354 Go on";
                break;
            default:
                smarthost.OnEndOfData = dot => IsFirst(dot) ? reply : "250 2.0.0 Ok";
                break;
        }

        QueueId id = await _relay.AcceptAsync("alice@example.net", "one@example.org", "two@example.org");
        await _relay.QuietAsync();

        Assert.Equal(state.Length == 0 ? "" : $"{state} {state}", await _relay.StateAsync(id));
        Assert.Equal(state.Length == 0 ? 1 : 0, smarthost.Mails.Count(mail => mail.Sender.Length == 0));

        static bool IsFirst(FakeStep at) => at is { Session: 1, Transaction: 1 };
    }

    [Fact]
    public async Task C31_Retries_come_later_each_time()
    {
        _relay.Start();
        _relay.Smarthost.OnRcpt = _ => "450 4.2.0 Greylisted";
        QueueId id = await _relay.AcceptAsync("alice@example.net", "bob@example.org");

        await _relay.PassAsync(TimeSpan.FromHours(1), TimeSpan.FromSeconds(10));

        DateTimeOffset[] tries = [.. (await _relay.HistoryAsync(id)).Select(row => row.At)];
        double[] pauses = [.. tries.Skip(1).Zip(tries, (later, earlier) => (later - earlier).TotalMinutes)];
        Assert.InRange(tries.Length, 5, 7);
        Assert.All(pauses.Select((pause, i) => pause / Math.Pow(2, i)), ratio => Assert.InRange(ratio, 1, 1.45));
    }

    [Fact]
    public async Task C45_A_connection_lost_after_the_final_dot_is_in_doubt_retried_and_told()
    {
        _relay.Start();
        _relay.Smarthost.OnEndOfData = step => step.Session == 1 ? FakeAnswer.HangUp : "250 2.0.0 Ok";
        QueueId id = await _relay.AcceptAsync("alice@example.net", "bob@example.org");
        await _relay.QuietAsync();

        Assert.True(Assert.Single(Assert.Single(await _relay.QueueAsync()).Recipients).MayHaveBeenDelivered);
        Assert.Equal("in-doubt", Assert.Single(await _relay.HistoryAsync(id)).Outcome);

        await _relay.PassAsync(TimeSpan.FromMinutes(2));

        Assert.Single(_relay.Smarthost.Mails);
        Assert.Equal(["in-doubt", "delivered"], (await _relay.HistoryAsync(id)).Select(row => row.Outcome));
        Assert.Equal(2, _relay.Logged(LogLevel.Warning).Count(line => line.StartsWith($"{id}: to=<bob@example.org>: possible duplicate", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task C45_A_smarthost_that_is_silent_after_the_dot_is_given_ten_minutes()
    {
        _relay.Start();
        var dot = new TaskCompletionSource();
        _relay.Smarthost.OnEndOfData = step =>
        {
            dot.TrySetResult();
            return step.Session == 1 ? FakeAnswer.Silence : "250 2.0.0 Ok";
        };
        QueueId id = await _relay.AcceptAsync("alice@example.net", "bob@example.org");
        await dot.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        _relay.Clock.Advance(TimeSpan.FromMinutes(9.9));
        Assert.Equal(1, _relay.Service.Snapshot.InFlight);
        _relay.Clock.Advance(TimeSpan.FromMinutes(0.2));
        await _relay.QuietAsync();
        Assert.Equal("in-doubt", Assert.Single(await _relay.HistoryAsync(id)).Outcome);

        await _relay.PassAsync(TimeSpan.FromMinutes(2));
        Assert.Empty(await _relay.QueueAsync());
    }

    [Fact]
    public async Task C30_A_connection_that_went_stale_while_idle_costs_no_attempt()
    {
        _relay.Start();
        _relay.Smarthost.OnMail = step => step.Session == 1 && step.Transaction == 2
            ? FakeAnswer.Reply("421 4.7.0 Too many messages on this connection").ThenHangUp()
            : "250 2.1.0 Ok";
        await _relay.AcceptAsync("alice@example.net", "one@example.org");
        await _relay.QuietAsync();

        QueueId id = await _relay.AcceptAsync("alice@example.net", "two@example.org");
        await _relay.QuietAsync();

        Assert.Equal(2, _relay.Smarthost.Mails.Count);
        Assert.Equal("delivered", Assert.Single(await _relay.HistoryAsync(id)).Outcome);
        Assert.Null(_relay.Service.Snapshot.Trouble);
    }

    [Fact]
    public async Task C30_A_421_on_a_fresh_connection_rests_the_smarthost_and_is_not_counted()
    {
        _relay.Start();
        bool busy = true;
        _relay.Smarthost.OnMail = _ => busy ? FakeAnswer.Reply("421 4.3.2 Shutting down").ThenHangUp() : "250 2.1.0 Ok";
        QueueId id = await _relay.AcceptAsync("alice@example.net", "one@example.org");
        await _relay.QuietAsync();

        QueuedRecipient waiting = Assert.Single(Assert.Single(await _relay.QueueAsync()).Recipients);
        Assert.Equal((0, "421 4.3.2 Shutting down"), (waiting.Attempts, waiting.LastReply));
        Assert.NotEqual(TimeSpan.Zero, _relay.Service.Snapshot.RestLeft);

        busy = false;
        await _relay.PassAsync(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(5));
        Assert.Equal("delivered", (await _relay.HistoryAsync(id))[^1].Outcome);
    }

    [Fact]
    public async Task A_message_that_makes_the_smarthost_hang_up_does_not_stand_in_the_way_of_others()
    {
        _relay.SmarthostOptions.MaxConnections = 1;
        _relay.Start();
        string current = "";
        _relay.Smarthost.OnMail = step =>
        {
            current = step.Line;
            return "250 2.1.0 Ok";
        };
        _relay.Smarthost.OnEndOfData = _ => current.Contains("poison", StringComparison.Ordinal) ? FakeAnswer.HangUp : "250 2.0.0 Ok";
        QueueId poison = await _relay.AcceptAsync("poison@example.net", "bob@example.org");
        for (int i = 0; i < 20; i++)
        {
            await _relay.AcceptAsync("alice@example.net", "bob@example.org");
        }

        await _relay.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(5));

        Assert.Equal(20, _relay.Smarthost.Mails.Count);
        Assert.Equal(poison, Assert.Single(await _relay.QueueAsync()).Id);
    }

    [Fact]
    public async Task Damaged_content_is_parked_and_nobody_gets_it()
    {
        await using var relay = new DeliveryUnderTest(store: clock => new DamagedStore(new MemoryQueueStore(clock)));
        relay.Start();

        QueueId id = await relay.AcceptAsync("alice@example.net", "bob@example.org");
        await relay.QuietAsync();

        Assert.Equal("Parked", await relay.StateAsync(id));
        Assert.Empty(relay.Smarthost.Mails);
        Assert.Contains(relay.Logged(LogLevel.Error), line => line.Contains("status=parked (554 5.3.0 Not sent: checksum", StringComparison.Ordinal));
    }
}
