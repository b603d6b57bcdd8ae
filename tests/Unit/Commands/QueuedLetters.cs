using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Commands;

/// <summary>Mail for tests of commands that look at a queue.</summary>
internal static class QueuedLetters
{
    /// <summary>Puts a message into the queue, due now.</summary>
    public static Task AcceptAsync(this MemoryQueueStore store, TestClock clock) => CommitAsync(store, clock, lease: false);

    /// <summary>The same, and takes it for delivery.</summary>
    public static async Task<QueueLease> AcceptLeasedAsync(this MemoryQueueStore store, TestClock clock) =>
        (await CommitAsync(store, clock, lease: true)).Lease!;

    private static async Task<CommitResult> CommitAsync(MemoryQueueStore store, TestClock clock, bool lease)
    {
        await using IMessageWriter writer = store.BeginMessage(QueueId.Next(clock));
        await writer.WriteAsync("Subject: x\r\n\r\nx\r\n"u8.ToArray(), CancellationToken.None);
        PreparedMessage message = await writer.CompleteAsync(
            new NewMessage
            {
                Envelope = new Envelope { Sender = new Mailbox("app", "example.org") },
                Recipients = [new Recipient(new Mailbox("box", "example.net"))],
                ReceivedAt = clock.GetUtcNow(),
                ExpiresAt = clock.GetUtcNow() + TimeSpan.FromDays(5),
            },
            CancellationToken.None);
        return await store.CommitAsync(message, lease, CancellationToken.None);
    }
}
