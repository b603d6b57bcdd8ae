using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Benchmarks.Scale;

/// <summary>
/// A queue as a smarthost leaves it that has put everything off: each message with a recipient of its own, tried once, due again within
/// the next hours, with its row in the history.
/// </summary>
internal sealed class Backlog(SqliteQueueStore store, int octets)
{
    private const int Sessions = 256;
    private const int Senders = 100;
    private readonly byte[] _content = Content(octets);
    private int _serial = Environment.TickCount;

    /// <summary>Adds so many messages.</summary>
    public Task FillAsync(long messages) => AtOnceAsync(messages, Sessions, async () => await PutOffAsync((await AcceptAsync(lease: true)).Lease!));

    /// <summary>Adds messages that are due now.</summary>
    public Task AcceptAsync(long messages, int sessions) => AtOnceAsync(messages, sessions, () => AcceptAsync(lease: false));

    /// <summary>Adds messages as they come from intake while the smarthost takes mail, and settles each as sent.</summary>
    public Task PassOnAsync(long messages, int sessions) => AtOnceAsync(messages, sessions, async () => await SentAsync((await AcceptAsync(lease: true)).Lease!));

    /// <summary>Leases what is due, a few at a time, and settles it as sent.</summary>
    public async Task DrainAsync(long messages)
    {
        const int batch = 64;
        while (messages > 0)
        {
            IReadOnlyList<QueueLease> leases = await store.LeaseDueAsync(MailRoute.Smarthost, DateTimeOffset.UtcNow, (int)Math.Min(batch, messages), TimeSpan.FromHours(1), default);
            if (leases.Count == 0)
            {
                throw new InvalidOperationException($"Nothing is due, with {messages} to go.");
            }

            await Task.WhenAll(leases.Select(SentAsync));
            messages -= leases.Count;
        }
    }

    /// <summary>Takes one message in.</summary>
    public async Task<CommitResult> AcceptAsync(bool lease)
    {
        int serial = Interlocked.Increment(ref _serial);
        await using IMessageWriter writer = store.BeginMessage(QueueId.Next(TimeProvider.System));
        await writer.WriteAsync(_content, default);
        DateTimeOffset now = DateTimeOffset.UtcNow;
        await using PreparedMessage prepared = await writer.CompleteAsync(
            new NewMessage
            {
                Envelope = new Envelope { Sender = new Mailbox($"app{serial % Senders}", "web1.example.net") },
                Recipients = [new Recipient(new Mailbox($"u{serial:x8}", $"d{serial % 1000}.example.com"))],
                ReceivedAt = now,
                ExpiresAt = now + TimeSpan.FromDays(5),
                DelayNoticeAt = now + TimeSpan.FromHours(4),
                Origin = "www-data (uid 33) 127.0.0.1",
                MessageId = $"<{serial:x8}@web1.example.net>",
                HeaderOctets = 300,
            },
            default);
        CommitResult result = await store.CommitAsync(prepared, lease, default);
        return result.Status == CommitStatus.Committed ? result : throw new InvalidOperationException(result.Reason);
    }

    private Task PutOffAsync(QueueLease lease) => SettleAsync(lease, RecipientState.Waiting, "deferred", "451 4.7.1 Try again later");

    private Task SentAsync(QueueLease lease) => SettleAsync(lease, RecipientState.Delivered, "delivered", "250 2.0.0 Ok: queued as 4BxYz");

    private async Task SettleAsync(QueueLease lease, RecipientState state, string outcome, string reply)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        DateTimeOffset next = now + TimeSpan.FromHours(1) + (TimeSpan.FromHours(3) * Random.Shared.NextDouble());
        SettleResult result = await store.SettleAsync(
            new Settlement
            {
                Lease = lease,
                Recipients = [new RecipientSettlement(0, state, 1, next, reply)],
                History =
                [
                    new HistoryEntry
                    {
                        Id = lease.Message.Id,
                        At = now,
                        Sender = lease.Message.Envelope.Sender!.ToString(),
                        Recipient = lease.Message.Recipients[0].Recipient.Address.ToString(),
                        Smarthost = "smtp.example.net:465",
                        Stage = "EndOfData",
                        Outcome = outcome,
                        Reply = reply,
                        Tls = "TLSv1.3",
                    },
                ],
            },
            default);
        if (result != SettleResult.Settled)
        {
            throw new InvalidOperationException($"{lease.Message.Id}: {result}");
        }
    }

    private static async Task AtOnceAsync(long messages, int sessions, Func<Task> one)
    {
        long left = messages;
        await Task.WhenAll(Enumerable.Range(0, sessions).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0)
            {
                await one();
            }
        })));
    }

    private static byte[] Content(int octets)
    {
        byte[] content = new byte[octets];
        new Random(1).NextBytes(content);
        return content;
    }
}
