using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Integration.Delivery;

/// <summary>Much mail that is due at the same instant is taken a little at a time, and does not come back at the same instant.</summary>
public sealed class BacklogJourneys : IAsyncDisposable
{
    /// <summary>What delivery may have leased: twice the least that it fetches at a time, and a message for each connection.</summary>
    private const int MostLeased = (2 * 32) + Connections;
    private const int Connections = 4;

    private readonly DeliveryUnderTest _relay = new();

    public BacklogJourneys()
    {
        _relay.SmarthostOptions.MaxConnections = Connections;
        _relay.SmarthostOptions.MaxMessagesPerConnection = 0;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _relay.DisposeAsync();

    [Fact]
    public async Task Of_a_thousand_due_at_once_a_few_are_leased_and_all_arrive_once()
    {
        long most = 0;
        _relay.Smarthost.OnEndOfData = _ =>
        {
            long leased = _relay.Store.TotalsAsync(Token).AsTask().GetAwaiter().GetResult().InDelivery;
            most = Math.Max(Volatile.Read(ref most), leased);
            return "250 2.0.0 Ok";
        };
        await AcceptAsync(1000);
        _relay.Start();
        await _relay.QuietAsync();

        Assert.Equal(1000, _relay.Smarthost.Mails.Select(mail => mail.Recipients[0]).Distinct().Count());
        Assert.Equal(1000, _relay.Smarthost.Mails.Count);
        Assert.InRange(most, 1, MostLeased);
        Assert.InRange(_relay.Smarthost.MostConnections, 1, Connections);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_put_off_together_does_not_come_back_together(bool retriedByAPerson)
    {
        _relay.Smarthost.OnRcpt = _ => "450 4.2.0 Greylisted";
        await AcceptAsync(300);
        _relay.Start();
        await _relay.QuietAsync();
        if (retriedByAPerson)
        {
            await _relay.Store.ApplyAsync(QueueAction.Retry, QueueSelection.All, _relay.Clock.GetUtcNow(), Token);
            await _relay.PassAsync(TimeSpan.FromSeconds(2));
        }

        DateTimeOffset[] next = [.. (await _relay.QueueAsync()).Select(message => message.Recipients[0].NextAttempt).Order()];

        // A quarter of the pause, evenly: in no tenth of it many more than a tenth of the mail.
        TimeSpan span = next[^1] - next[0];
        Assert.InRange(span, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(31));
        Assert.InRange(next.GroupBy(time => (int)((time - next[0]) / span * 9.99)).Max(group => group.Count()), 30, 75);
    }

    [Fact]
    public async Task Mail_that_expired_together_gets_its_last_attempt_a_few_at_a_time_while_new_mail_passes()
    {
        long most = 0;
        _relay.QueueOptions.DelayNoticeAfter = TimeSpan.Zero;
        _relay.IsAway = true;
        _relay.Start();
        await AcceptAsync(500);
        await _relay.PassAsync(TimeSpan.FromDays(4.9), TimeSpan.FromHours(1));
        await _relay.Store.ApplyAsync(QueueAction.Hold, QueueSelection.All, _relay.Clock.GetUtcNow(), Token);
        _relay.IsAway = false;
        await _relay.PassAsync(TimeSpan.FromHours(5), TimeSpan.FromMinutes(5));
        await _relay.AcceptAsync("alice@example.net", "proof@example.org");
        await _relay.QuietAsync();
        Assert.Single(_relay.Smarthost.Mails);

        // The smarthost is well, and five hundred messages are past their time.
        _relay.Smarthost.OnEndOfData = _ =>
        {
            most = Math.Max(Volatile.Read(ref most), _relay.Store.TotalsAsync(Token).AsTask().GetAwaiter().GetResult().InDelivery);
            return "250 2.0.0 Ok";
        };
        await _relay.Store.ApplyAsync(QueueAction.Release, QueueSelection.All, _relay.Clock.GetUtcNow().AddHours(3), Token);
        await _relay.PassAsync(TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10));

        Assert.Empty(await _relay.QueueAsync());
        Assert.Equal(501, _relay.Smarthost.Mails.Count(mail => mail.Sender.Length > 0));
        Assert.InRange(most, 1, 2 * MostLeased);
    }

    [Fact]
    public async Task While_a_smarthost_is_dead_new_mail_is_taken_and_waits_with_the_rest()
    {
        _relay.IsAway = true;
        _relay.Start();
        await AcceptAsync(1000);
        await _relay.PassAsync(TimeSpan.FromMinutes(30), TimeSpan.FromSeconds(30));
        int dials = _relay.Dialer.Dials;

        QueueId id = await _relay.AcceptAsync("alice@example.net", "new@example.org");
        await _relay.QuietAsync();

        Assert.Equal("Waiting", await _relay.StateAsync(id));
        Assert.Equal(dials, _relay.Dialer.Dials);
        Assert.Equal(0, (await _relay.Store.TotalsAsync(Token)).InDelivery);
    }

    private async Task AcceptAsync(int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            await _relay.AcceptAsync("alice@example.net", $"u{i}@example.org");
        }
    }
}
