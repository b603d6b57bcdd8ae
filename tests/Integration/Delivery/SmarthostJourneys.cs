using Microsoft.Extensions.Logging;
using RelayProxy.Delivery;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Upstream;

namespace RelayProxy.Integration.Delivery;

/// <summary>The smarthost's troubles: counted once, for all its mail, and never at the mail's expense.</summary>
public sealed class SmarthostJourneys : IAsyncDisposable
{
    private readonly DeliveryUnderTest _relay = new();

    public ValueTask DisposeAsync() => _relay.DisposeAsync();

    [Fact]
    public async Task The_smarthost_goes_away_and_comes_back()
    {
        _relay.IsAway = true;
        _relay.Start();
        QueueId id = await _relay.AcceptAsync("alice@example.net", "bob@example.org");
        await _relay.QuietAsync();

        DeliverySnapshot snapshot = _relay.Service.Snapshot;
        Assert.Equal(RestReason.Away, snapshot.Trouble);
        Assert.InRange(snapshot.RestLeft, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(12.5));
        Assert.Contains(_relay.Logged(LogLevel.Warning), line => line.Contains("smarthost.test:465: it cannot be reached, or is going away. It is left alone for 00:00:1", StringComparison.Ordinal));
        Assert.Equal(0, Assert.Single(Assert.Single(await _relay.QueueAsync()).Recipients).Attempts);

        _relay.IsAway = false;
        await _relay.PassAsync(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(2));

        Assert.Empty(await _relay.QueueAsync());
        Assert.Equal("delivered", (await _relay.HistoryAsync(id))[^1].Outcome);
        Assert.Null(_relay.Service.Snapshot.Trouble);
        Assert.Contains(_relay.Logged(), line => line.Contains("smarthost.test:465 takes mail again", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_slow_message_that_goes_first_keeps_nobody_waiting()
    {
        var second = new TaskCompletionSource();
        _relay.Smarthost.OnEndOfData = step => step.Session == 1
            ? FakeAnswer.Reply("250 2.0.0 Ok").OnceDone(second.Task)
            : FakeAnswer.Reply("250 2.0.0 Ok");
        await _relay.AcceptAsync("alice@example.net", "one@example.org");
        await _relay.AcceptAsync("alice@example.net", "two@example.org");
        _relay.Start();

        Assert.Equal(2, (await _relay.Smarthost.NextMailAsync()).Session);
        second.SetResult();
        await _relay.QuietAsync();
        Assert.Empty(await _relay.QueueAsync());
    }

    [Fact]
    public async Task C32_Ten_thousand_queued_and_the_smarthost_down_is_one_probe_at_a_time_and_then_all_drains()
    {
        const int Messages = 10_000;
        _relay.SmarthostOptions.MaxConnections = 8;
        _relay.SmarthostOptions.MaxMessagesPerConnection = 0;
        _relay.SmarthostOptions.IdleClose = TimeSpan.FromHours(2);
        for (int i = 0; i < Messages; i++)
        {
            await _relay.AcceptAsync("alice@example.net", $"u{i}@example.org");
        }

        _relay.IsAway = true;
        _relay.Start();
        await _relay.PassAsync(TimeSpan.FromHours(1), TimeSpan.FromSeconds(20));

        // After 10, 20, 40, 80, 160 seconds and then every 5 minutes, each up to a quarter longer.
        Assert.InRange(_relay.Dialer.Dials, 11, 17);
        Assert.All(await _relay.QueueAsync(), message => Assert.Equal(0, message.Recipients[0].Attempts));

        _relay.IsAway = false;
        await _relay.PassAsync(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(1));

        Assert.Empty(await _relay.QueueAsync());
        Assert.Equal(Messages, _relay.Smarthost.Mails.Select(mail => mail.Recipients[0]).Distinct().Count());
        Assert.Equal(Messages, _relay.Smarthost.Mails.Count);
        Assert.InRange(_relay.Smarthost.MostConnections, 1, 8);
    }

    [Fact]
    public async Task C19_A_refused_login_is_tried_by_one_connection_with_growing_pauses_until_it_is_mended()
    {
        _relay.SmarthostOptions = WithPassword("expired");
        _relay.SmarthostOptions.MaxConnections = 8;
        _relay.Start();
        for (int i = 0; i < 100; i++)
        {
            await _relay.AcceptAsync("alice@example.net", $"u{i}@example.org");
        }

        // At 0, 1, 6, 21 and 81 minutes, give or take the jitter.
        await _relay.PassAsync(TimeSpan.FromMinutes(60), TimeSpan.FromSeconds(15));
        Assert.Equal(4, Logins());
        Assert.Contains(
            _relay.Logged(LogLevel.Error), line => line.StartsWith("smarthost.test:465: the login was refused, and somebody has to see to it. All mail is kept", StringComparison.Ordinal));
        Assert.All(await _relay.QueueAsync(), message => Assert.Equal(0, message.Recipients[0].Attempts));

        // Somebody mends it: settings are read anew, and the queue need not wait for the hour.
        _relay.SmarthostOptions = WithPassword("secret");
        _relay.Service.Flush();
        await _relay.PassAsync(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(2));

        Assert.Empty(await _relay.QueueAsync());
        Assert.Equal(100, _relay.Smarthost.Mails.Count);

        int Logins() => _relay.Smarthost.Commands.Count(command => command.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task C19_A_password_that_expired_for_five_days_bounces_nothing_before_that()
    {
        _relay.SmarthostOptions = WithPassword("expired");
        _relay.QueueOptions.DelayNoticeAfter = TimeSpan.Zero;
        _relay.Start();
        QueueId id = await _relay.AcceptAsync("alice@example.net", "bob@example.org");

        await _relay.PassAsync(TimeSpan.FromDays(4.9), TimeSpan.FromMinutes(30));

        Assert.Equal("Waiting", await _relay.StateAsync(id));
        Assert.Single(await _relay.QueueAsync());
    }

    [Fact]
    public async Task C03_A_certificate_that_does_not_verify_keeps_everything_and_is_said_aloud()
    {
        await using var relay = new DeliveryUnderTest(new FakeSmarthost { Certificate = TestCertificates.Expired });
        relay.Start();
        QueueId id = await relay.AcceptAsync("alice@example.net", "bob@example.org");
        await relay.QuietAsync();

        Assert.Equal("Waiting", await relay.StateAsync(id));
        Assert.Equal(RestReason.Untrusted, relay.Service.Snapshot.Trouble);
        Assert.Contains(relay.Logged(LogLevel.Error), line => line.Contains("it could not prove who it is, or offers nothing safe, and somebody has to see to it", StringComparison.Ordinal));
        Assert.Empty(relay.Smarthost.Commands);
    }

    [Theory]
    [InlineData("554 5.7.1 Go away")]
    [InlineData("521 5.3.2 No mail here")]
    [InlineData("421 4.3.2 Busy")]
    [InlineData("450 4.3.2 Busy")]
    public async Task C14_A_greeting_that_refuses_us_defers_everything(string greeting)
    {
        _relay.Smarthost.OnGreeting = _ => FakeAnswer.Reply(greeting).ThenHangUp();
        _relay.Start();
        QueueId one = await _relay.AcceptAsync("alice@example.net", "one@example.org");
        QueueId two = await _relay.AcceptAsync("alice@example.net", "two@example.org");
        await _relay.PassAsync(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(5));

        Assert.Equal(("Waiting", "Waiting"), (await _relay.StateAsync(one), await _relay.StateAsync(two)));
        Assert.InRange(_relay.Smarthost.Connections, 3, 6);
    }

    [Fact]
    public async Task Settings_apply_to_mail_already_queued_at_its_next_attempt()
    {
        _relay.SmarthostOptions.Host = "";
        _relay.Start();
        QueueId id = await _relay.AcceptAsync("alice@example.net", "bob@example.org");
        await _relay.QuietAsync();
        Assert.Equal(RestReason.Misconfigured, _relay.Service.Snapshot.Trouble);
        Assert.Equal("Waiting", await _relay.StateAsync(id));

        _relay.SmarthostOptions = _relay.Smarthost.ClientOptions();
        _relay.Service.Flush();
        await _relay.PassAsync(TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(2));

        Assert.Single(_relay.Smarthost.Mails);
    }

    [Theory]
    [InlineData("454 Throttling failure: Daily message quota exceeded")]
    [InlineData("550 5.4.5 Daily user sending limit exceeded")]
    public async Task A_used_up_allowance_pauses_the_account_for_an_hour_and_bounces_nothing(string reply)
    {
        _relay.SmarthostOptions.MaxConnections = 1;
        _relay.Start();
        bool used = true;
        _relay.Smarthost.OnEndOfData = _ => used ? reply : "250 2.0.0 Ok";
        QueueId id = await _relay.AcceptAsync("alice@example.net", "bob@example.org");
        await _relay.AcceptAsync("alice@example.net", "carol@example.org");
        await _relay.PassAsync(TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(1));

        Assert.Single(_relay.Smarthost.Commands, command => command == "DATA");
        Assert.Equal("Waiting", await _relay.StateAsync(id));
        Assert.Equal(0, (await _relay.QueueAsync())[0].Recipients[0].Attempts);
        Assert.Contains(_relay.Logged(LogLevel.Error), line => line.Contains("the account's allowance is used up", StringComparison.Ordinal));

        used = false;
        await _relay.PassAsync(TimeSpan.FromMinutes(20), TimeSpan.FromSeconds(30));
        Assert.Empty(await _relay.QueueAsync());
    }

    [Fact]
    public async Task A_smarthost_that_throttles_gets_fewer_connections_and_all_its_mail()
    {
        _relay.SmarthostOptions.MaxConnections = 8;
        _relay.SmarthostOptions.MaxMessagesPerConnection = 0;
        int inWindow = 0;
        DateTimeOffset window = _relay.Clock.GetUtcNow();
        var gate = new Lock();
        _relay.Smarthost.OnEndOfData = _ =>
        {
            lock (gate)
            {
                if (_relay.Clock.GetUtcNow() - window >= TimeSpan.FromSeconds(5))
                {
                    (window, inWindow) = (_relay.Clock.GetUtcNow(), 0);
                }

                return ++inWindow > 20 ? "454 Throttling failure: Maximum sending rate exceeded" : "250 2.0.0 Ok";
            }
        };
        _relay.Start();
        for (int i = 0; i < 200; i++)
        {
            await _relay.AcceptAsync("alice@example.net", $"u{i}@example.org");
        }

        await _relay.PassAsync(TimeSpan.FromMinutes(20), TimeSpan.FromSeconds(1));

        Assert.Empty(await _relay.QueueAsync());
        Assert.Equal(200, _relay.Smarthost.Mails.Count);

        // Every throttled message is sent anew: few are, for each throttle ends the burst it came in.
        int throttled = _relay.Smarthost.Dialogue.Count(line => line.StartsWith("S: 454", StringComparison.Ordinal));
        Assert.InRange(throttled, 1, 60);
    }

    [Fact]
    public async Task What_an_operator_releases_or_wants_retried_is_seen_within_two_seconds()
    {
        _relay.Start();
        bool refuses = true;
        _relay.Smarthost.OnRcpt = _ => refuses ? "450 4.2.0 Greylisted" : "250 2.1.5 Ok";
        await _relay.AcceptAsync("alice@example.net", "bob@example.org");
        await _relay.QuietAsync();
        refuses = false;

        await _relay.Store.ApplyAsync(QueueAction.Retry, QueueSelection.All, _relay.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        await _relay.PassAsync(TimeSpan.FromSeconds(2));

        Assert.Single(_relay.Smarthost.Mails);
    }

    [Fact]
    public async Task A_job_that_asks_for_a_retry_every_few_seconds_does_not_make_a_login_of_each()
    {
        _relay.SmarthostOptions = WithPassword("expired");
        _relay.Start();
        await _relay.AcceptAsync("alice@example.net", "bob@example.org");
        for (int i = 0; i < 60; i++)
        {
            await _relay.Store.ApplyAsync(QueueAction.Retry, QueueSelection.All, _relay.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
            await _relay.PassAsync(TimeSpan.FromSeconds(5));
        }

        Assert.InRange(_relay.Smarthost.Commands.Count(command => command.StartsWith("AUTH", StringComparison.Ordinal)), 2, 8);
    }

    [Fact]
    public async Task Held_mail_stays_put_until_it_is_released()
    {
        _relay.IsAway = true;
        _relay.Start();
        QueueId id = await _relay.AcceptAsync("alice@example.net", "bob@example.org");
        await _relay.QuietAsync();
        await _relay.Store.ApplyAsync(QueueAction.Hold, QueueSelection.All, _relay.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        _relay.IsAway = false;

        await _relay.PassAsync(TimeSpan.FromDays(6), TimeSpan.FromHours(1));
        Assert.Equal("Held", await _relay.StateAsync(id));
        Assert.Empty(_relay.Smarthost.Mails);

        await _relay.Store.ApplyAsync(QueueAction.Release, QueueSelection.All, _relay.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        await _relay.PassAsync(TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(2));
        Assert.Equal(["bob@example.org"], Assert.Single(_relay.Smarthost.Mails).Recipients);
    }

    [Theory]
    [InlineData(-3650)]
    [InlineData(3650)]
    public async Task A_clock_that_is_set_by_ten_years_bounces_nothing_and_stalls_nothing(int days)
    {
        _relay.Start();
        bool refuses = true;
        _relay.Smarthost.OnRcpt = _ => refuses ? "450 4.2.0 Greylisted" : "250 2.1.5 Ok";
        QueueId id = await _relay.AcceptAsync("alice@example.net", "bob@example.org");
        await _relay.PassAsync(TimeSpan.FromMinutes(90), TimeSpan.FromMinutes(1));

        _relay.Clock.SetUtcNow(_relay.Clock.GetUtcNow().AddDays(days));
        await _relay.PassAsync(TimeSpan.FromMinutes(9), TimeSpan.FromSeconds(2));
        Assert.Equal("Waiting", await _relay.StateAsync(id));
        refuses = false;
        await _relay.PassAsync(TimeSpan.FromHours(4.5), TimeSpan.FromMinutes(5));

        Assert.Single(_relay.Smarthost.Mails, mail => mail.Recipients.Contains("bob@example.org"));
        Assert.DoesNotContain(_relay.Smarthost.Mails, mail => mail.Text.Contains("Action: failed", StringComparison.Ordinal));
        Assert.Contains(_relay.Logged(LogLevel.Warning), line => line.StartsWith("The system's clock was set by", StringComparison.Ordinal));
    }

    [Fact]
    public async Task After_a_leap_of_the_clock_the_sender_is_told_of_the_delay_once()
    {
        _relay.Start();
        _relay.Smarthost.OnRcpt = step => step.Line.Contains("bob", StringComparison.Ordinal) ? "450 4.2.0 Greylisted" : "250 2.1.5 Ok";
        QueueId id = await _relay.AcceptAsync("alice@example.net", "bob@example.org");
        await _relay.PassAsync(TimeSpan.FromMinutes(90), TimeSpan.FromMinutes(1));

        _relay.Clock.SetUtcNow(_relay.Clock.GetUtcNow().AddDays(3650));
        await _relay.PassAsync(TimeSpan.FromHours(12), TimeSpan.FromMinutes(5));

        Assert.Contains("Action: delayed", Assert.Single(_relay.Smarthost.Mails).Text, StringComparison.Ordinal);
        Assert.Equal("Waiting", await _relay.StateAsync(id));
    }

    [Fact]
    public async Task New_mail_and_old_take_turns()
    {
        _relay.SmarthostOptions.MaxConnections = 1;
        _relay.IsAway = true;
        _relay.Start();
        for (int i = 0; i < 40; i++)
        {
            await _relay.AcceptAsync("old@example.net", "bob@example.org");
        }

        await _relay.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));
        _relay.IsAway = false;
        int news = 0;
        _relay.Smarthost.OnEndOfData = step =>
        {
            // While one is being sent, the next new one comes: there is always new mail.
            if (news++ < 40)
            {
                _relay.AcceptAsync("new@example.net", "bob@example.org").GetAwaiter().GetResult();
            }

            return "250 2.0.0 Ok";
        };
        await _relay.PassAsync(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10));

        string[] senders = [.. _relay.Smarthost.Mails.Select(mail => mail.Sender)];
        Assert.Equal(80, senders.Length);
        Assert.InRange(senders.Take(40).Count(sender => sender == "new@example.net"), 10, 30);
    }

    private SmarthostOptions WithPassword(string password)
    {
        SmarthostOptions options = _relay.Smarthost.ClientOptions();
        options.Password = password;
        return options;
    }
}
