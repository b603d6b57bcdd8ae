using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Integration.Delivery;

/// <summary>Delivery over the store that ships: every message is accounted for, from run to run.</summary>
public sealed class SqliteJourneys : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_message_is_delivered_bounced_parked_or_still_there_after_a_stop_in_the_middle()
    {
        const int Messages = 300;
        var ids = new List<QueueId>();
        int before;
        await using (DeliveryUnderTest first = Open())
        {
            int taken = 0;
            var middle = new TaskCompletionSource();
            first.Smarthost.OnRcpt = Refuse;
            first.Smarthost.OnEndOfData = _ =>
            {
                if (Interlocked.Increment(ref taken) == 100)
                {
                    middle.SetResult();
                }

                return "250 2.0.0 Ok";
            };
            first.Start();
            for (int i = 0; i < Messages; i++)
            {
                string name = (i % 10) switch { 3 => "nobody", 5 => "later", 7 => "notmine", _ => "bob" };
                ids.Add(await first.AcceptAsync("alice@example.net", $"{name}{i}@example.org"));
            }

            await middle.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            await first.StopAsync();
            before = first.Smarthost.Mails.Count(mail => mail.Sender.Length > 0);
        }

        await using DeliveryUnderTest second = Open();
        second.Smarthost.OnRcpt = Refuse;
        second.Start();
        await second.QuietAsync();

        int after = second.Smarthost.Mails.Count(mail => mail.Sender.Length > 0);
        Assert.Equal(Messages * 7 / 10, before + after);
        IReadOnlyList<QueuedMessage> left = await second.QueueAsync();
        Assert.Equal(Messages * 2 / 10, left.Count);
        Assert.Equal(30, left.Count(message => message.Recipients[0].State == RecipientState.Waiting));
        Assert.Equal(30, left.Count(message => message.Recipients[0].State == RecipientState.Parked));
        foreach (QueueId id in ids)
        {
            Assert.Contains((await second.HistoryAsync(id))[^1].Outcome, (string[])["delivered", "bounced", "parked", "deferred"]);
        }
    }

    [Fact]
    public async Task C28_A_bounce_is_in_the_queue_if_and_only_if_its_message_is_settled()
    {
        await using DeliveryUnderTest relay = Open();
        relay.Smarthost.OnRcpt = Refuse;
        relay.Start();
        await relay.AcceptAsync("alice@example.net", "nobody@example.org", "bob@example.org", "later@example.org");
        await relay.QuietAsync();

        CapturedMail bounce = Assert.Single(relay.Smarthost.Mails, mail => mail.Sender.Length == 0);
        Assert.Equal("rfc822; nobody@example.org", Assert.Single(new ReportReader(bounce.Content).PerRecipient)["Final-Recipient"]);
        Assert.Equal(
            [RecipientState.Bounced, RecipientState.Delivered, RecipientState.Waiting],
            Assert.Single(await relay.QueueAsync()).Recipients.Select(recipient => recipient.State));
    }

    private static FakeAnswer Refuse(FakeStep step) => step.Line switch
    {
        var line when line.Contains("nobody", StringComparison.Ordinal) => "550 5.1.1 No such user",
        var line when line.Contains("later", StringComparison.Ordinal) => "450 4.2.0 Greylisted",
        var line when line.Contains("notmine", StringComparison.Ordinal) => "553 5.7.1 Sender address rejected: not owned by user relay",
        _ => "250 2.1.5 Ok",
    };

    private DeliveryUnderTest Open() => new(store: clock =>
    {
        var store = new SqliteQueueStore(new QueueOptions { Path = _folder.Path, MinFreeOctets = 0 }, clock, new RecordingLogger());
        store.OpenAsync(StoreAccess.Daemon, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return store;
    });
}
