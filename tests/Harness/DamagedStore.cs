using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Harness;

/// <summary>A store whose contents turn out, when they are read, not to be what was accepted.</summary>
internal sealed class DamagedStore(IQueueStore store) : IQueueStore
{
    public StoreHealth Health => store.Health;

    public long FreeOctets => store.FreeOctets;

    public ValueTask<string?> ProbeAsync(CancellationToken cancellationToken) => store.ProbeAsync(cancellationToken);

    public ValueTask OpenAsync(StoreAccess access, CancellationToken cancellationToken) => store.OpenAsync(access, cancellationToken);

    public IMessageWriter BeginMessage(QueueId id) => store.BeginMessage(id);

    public async ValueTask<CommitResult> CommitAsync(PreparedMessage message, bool lease, CancellationToken cancellationToken)
    {
        CommitResult result = await store.CommitAsync(message, lease, cancellationToken);
        return result with { Lease = result.Lease is { } given ? Damage(given) : null };
    }

    public async ValueTask<IReadOnlyList<QueueLease>> LeaseDueAsync(
        MailRoute route, DateTimeOffset now, int limit, TimeSpan leaseFor, CancellationToken cancellationToken) =>
        [.. (await store.LeaseDueAsync(route, now, limit, leaseFor, cancellationToken)).Select(Damage)];

    public async ValueTask<IReadOnlyList<QueueLease>> LeaseOverdueAsync(
        DateTimeOffset now, int limit, TimeSpan leaseFor, CancellationToken cancellationToken) =>
        [.. (await store.LeaseOverdueAsync(now, limit, leaseFor, cancellationToken)).Select(Damage)];

    public ValueTask<DateTimeOffset?> NextDueAsync(MailRoute route, CancellationToken cancellationToken) => store.NextDueAsync(route, cancellationToken);

    public ValueTask<SettleResult> SettleAsync(Settlement settlement, CancellationToken cancellationToken) =>
        store.SettleAsync(settlement, cancellationToken);

    public ValueTask<MessageContent?> FindContentAsync(QueueId id, CancellationToken cancellationToken) => store.FindContentAsync(id, cancellationToken);

    public IAsyncEnumerable<QueuedMessage> ListAsync(QueueSelection selection, CancellationToken cancellationToken) =>
        store.ListAsync(selection, cancellationToken);

    public ValueTask<int> ApplyAsync(QueueAction action, QueueSelection selection, DateTimeOffset now, Action<int>? progress, CancellationToken cancellationToken) =>
        store.ApplyAsync(action, selection, now, cancellationToken);

    public ValueTask<HistoryNews> HistorySinceAsync(long mark, int most, CancellationToken cancellationToken) => store.HistorySinceAsync(mark, most, cancellationToken);

    public bool IsServed => store.IsServed;

    public IAsyncEnumerable<HistoryEntry> HistoryAsync(HistorySelection selection, CancellationToken cancellationToken) =>
        store.HistoryAsync(selection, cancellationToken);

    public ValueTask<QueueTotals> TotalsAsync(CancellationToken cancellationToken) => store.TotalsAsync(cancellationToken);

    public ValueTask<bool> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken) => store.PruneAsync(before, cancellationToken);

    public ValueTask<long> FlushGenerationAsync(CancellationToken cancellationToken) => store.FlushGenerationAsync(cancellationToken);

    public ValueTask DisposeAsync() => store.DisposeAsync();

    private static QueueLease Damage(QueueLease lease) => lease with { Content = new DamagedContent(lease.Content.Octets) };

    private sealed class DamagedContent(long octets) : MessageContent
    {
        public override long Octets => octets;

        public override Stream OpenRead() => throw new InvalidDataException("checksum differs");
    }
}
