using System.Net;
using System.Net.Sockets;
using RelayProxy.Commands.Top;
using RelayProxy.Configuration;
using RelayProxy.Harness;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Commands;

public sealed class TopViewTests : IDisposable
{
    private readonly TestClock _clock = new();
    private readonly MemoryQueueStore _store;
    private readonly TopView _view;

    /// <summary>Bound, and never listened at: whoever asks there for a relay is refused at once.</summary>
    private readonly Socket _nobody = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public TopViewTests()
    {
        _nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _store = new MemoryQueueStore(_clock);
        var options = new RelayOptions();
        options.Smarthost.Host = "smtp.example.net";
        options.Listener.Endpoints = [_nobody.LocalEndPoint!.ToString()!];
        _view = new TopView(_store, options, _clock);
    }

    public void Dispose() => _nobody.Dispose();

    [Fact]
    public async Task The_last_minute_is_counted_and_what_is_older_is_not()
    {
        await HappenAsync("delivered", "EndOfData", times: 3);
        _clock.Advance(TimeSpan.FromSeconds(30));
        await HappenAsync("delivered", "EndOfData", times: 2);
        await HappenAsync("deferred", "RcptTo", times: 1);
        Assert.Contains("last minute  5 delivered (0.1/s), 1 deferred, 0 bounced, 0 parked", await LookAsync());

        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Contains("last minute  2 delivered (0.0/s), 1 deferred, 0 bounced, 0 parked", await LookAsync());

        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Contains("last minute  0 delivered (0.0/s), 0 deferred, 0 bounced, 0 parked", await LookAsync());
    }

    [Fact]
    public async Task The_newest_outcome_stands_at_the_top_and_only_as_many_as_there_is_room_for()
    {
        for (int i = 0; i < 100; i++)
        {
            await HappenAsync("delivered", "EndOfData", recipient: $"bob{i}@example.org");
        }

        string[] shown = [.. (await LookAsync(height: 24)).Where(line => line.Contains("@example.org", StringComparison.Ordinal))];

        Assert.Equal(15, shown.Length);
        Assert.Contains("bob99@example.org", shown[0], StringComparison.Ordinal);
        Assert.Contains("bob85@example.org", shown[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trouble_with_the_smarthost_is_told_until_it_takes_mail_again_and_trouble_with_one_message_is_not()
    {
        await HappenAsync("deferred", "RcptTo");
        Assert.Contains("smarthost    smtp.example.net:465", await LookAsync());

        await HappenAsync("deferred", "Auth", reply: "535 5.7.8 Wrong password");
        _clock.Advance(TimeSpan.FromMinutes(3));
        Assert.Contains("smarthost    smtp.example.net:465; in trouble 3m ago at Auth: 535 5.7.8 Wrong password", await LookAsync());

        await HappenAsync("delivered", "EndOfData");
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.Contains("smarthost    smtp.example.net:465, took mail 5s ago", await LookAsync());
    }

    [Fact]
    public async Task A_queue_that_nobody_serves_says_so_and_one_whose_relay_does_not_answer_too()
    {
        _store.IsServed = false;
        Assert.Contains("relay        is not running: nothing is sent", await LookAsync());

        _store.IsServed = true;
        Assert.StartsWith("relay        listener: 127.0.0.1:", (await LookAsync())[2], StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<string>> LookAsync(int height = 24)
    {
        await _view.LookAsync(TestContext.Current.CancellationToken);
        return _view.Lines(height);
    }

    private async Task HappenAsync(string outcome, string stage, int times = 1, string recipient = "bob@example.org", string reply = "250 2.0.0 Ok")
    {
        for (int i = 0; i < times; i++)
        {
            QueueLease lease = await _store.AcceptLeasedAsync(_clock);
            await _store.SettleAsync(
                new Settlement
                {
                    Lease = lease,
                    Recipients = [new RecipientSettlement(0, RecipientState.Delivered, 1, default, reply)],
                    History =
                    [
                        new HistoryEntry
                        {
                            Id = lease.Message.Id,
                            At = _clock.GetUtcNow(),
                            Sender = "app@example.org",
                            Recipient = recipient,
                            Smarthost = "smtp.example.net:465",
                            Stage = stage,
                            Outcome = outcome,
                            Reply = reply,
                        },
                    ],
                },
                TestContext.Current.CancellationToken);
        }
    }
}
