using RelayProxy.Mail;

namespace RelayProxy.Queue;

/// <summary>
/// The memory: what has been accepted and not yet settled. What the methods promise is written down as tests in
/// <c>QueueStoreContract</c>, which every store passes. All methods may be called from many threads at once.
/// </summary>
internal interface IQueueStore : IAsyncDisposable
{
    /// <summary>
    /// Opens the store, brings its schema up to date and checks it. As <see cref="StoreAccess.Daemon"/> it also takes
    /// exclusive ownership, lets every lease of an earlier owner lapse, and sweeps what an interrupted write left behind.
    /// </summary>
    /// <exception cref="QueueUnavailableException">The message says what is wrong and the way out.</exception>
    ValueTask OpenAsync(StoreAccess access, CancellationToken cancellationToken);

    /// <summary>Whether mail can be taken now. Cheap: asked at every MAIL.</summary>
    StoreHealth Health { get; }

    /// <summary>Free room where the queue is, in octets; <see cref="long.MaxValue"/> if the file system does not tell. Cheap.</summary>
    long FreeOctets { get; }

    /// <summary>Commits something of no meaning the way mail is committed: <c>null</c> if that went well, else why not.</summary>
    ValueTask<string?> ProbeAsync(CancellationToken cancellationToken);

    /// <summary>Begins to take in a message. Nothing of it exists until <see cref="CommitAsync"/> said so.</summary>
    IMessageWriter BeginMessage(QueueId id);

    /// <summary>
    /// Makes a completed message durable, folder entry included. With <paramref name="lease"/> the message comes back leased
    /// to the caller, due at once; without, it is waiting and due at once.
    /// </summary>
    ValueTask<CommitResult> CommitAsync(PreparedMessage message, bool lease, CancellationToken cancellationToken);

    /// <summary>
    /// Leases messages that have a recipient of this route due at <paramref name="now"/>, longest due first;
    /// <see cref="QueueLease.Due"/> holds those. A leased message is nobody else's, whatever the route of its other recipients,
    /// until it is settled or <paramref name="leaseFor"/> has passed. Damaged messages are set aside and do not count against <paramref name="limit"/>.
    /// </summary>
    ValueTask<IReadOnlyList<QueueLease>> LeaseDueAsync(
        MailRoute route, DateTimeOffset now, int limit, TimeSpan leaseFor, CancellationToken cancellationToken);

    /// <summary>
    /// Leases messages that have waited so long that something must be said or done whatever the smarthost's state: past
    /// <see cref="QueuedMessage.ExpiresAt"/>, or past <see cref="QueuedMessage.DelayNoticeAt"/>. <see cref="QueueLease.Due"/>
    /// then holds every waiting recipient.
    /// </summary>
    ValueTask<IReadOnlyList<QueueLease>> LeaseOverdueAsync(DateTimeOffset now, int limit, TimeSpan leaseFor, CancellationToken cancellationToken);

    /// <summary>When the next waiting recipient of this route falls due; <c>null</c> if none waits. For a message that is leased, when
    /// its lease lapses.</summary>
    ValueTask<DateTimeOffset?> NextDueAsync(MailRoute route, CancellationToken cancellationToken);

    /// <summary>
    /// Writes down what became of a lease, and the reports it gave rise to, all or nothing. A message whose recipients are all
    /// delivered or bounced is gone afterwards, but for its history. Recipients that an operator put on hold meanwhile stay held.
    /// </summary>
    ValueTask<SettleResult> SettleAsync(Settlement settlement, CancellationToken cancellationToken);

    /// <summary>Opens the octets of a message; <c>null</c> if there is no such message.</summary>
    ValueTask<MessageContent?> FindContentAsync(QueueId id, CancellationToken cancellationToken);

    /// <summary>The messages that match, oldest first. Streams: the queue may hold millions.</summary>
    IAsyncEnumerable<QueuedMessage> ListAsync(QueueSelection selection, CancellationToken cancellationToken);

    /// <summary>Does something to every message that matches, and says to how many. All or nothing for each message, not for the
    /// selection: a million messages are changed in steps that hold nobody up.</summary>
    /// <param name="progress">Told after each step how many it was so far.</param>
    ValueTask<int> ApplyAsync(
        QueueAction action, QueueSelection selection, DateTimeOffset now, Action<int>? progress, CancellationToken cancellationToken);

    /// <summary>History rows by queue id or by address (sender or recipient), oldest first.</summary>
    IAsyncEnumerable<HistoryEntry> HistoryAsync(HistorySelection selection, CancellationToken cancellationToken);

    /// <summary>What came into the history since <paramref name="mark"/>, for somebody who looks on: the newest rows, oldest first.</summary>
    /// <param name="mark"><see cref="HistoryNews.Mark"/> of the last time; 0 at first.</param>
    /// <param name="most">Older ones are left out.</param>
    ValueTask<HistoryNews> HistorySinceAsync(long mark, int most, CancellationToken cancellationToken);

    /// <summary>Whether a <see cref="StoreAccess.Daemon"/> has the store open, so that what falls due is tried.</summary>
    bool IsServed { get; }

    /// <summary>How much waits, for whom, since when.</summary>
    ValueTask<QueueTotals> TotalsAsync(CancellationToken cancellationToken);

    /// <summary>Forgets history older than <paramref name="before"/> and gives freed disk space back, a bounded step at a time.
    /// Says whether there is more to do.</summary>
    ValueTask<bool> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken);

    /// <summary>Grows by one each time an operator asks for mail to be tried now, so that a daemon sees it.</summary>
    ValueTask<long> FlushGenerationAsync(CancellationToken cancellationToken);
}

/// <summary>What a caller may leave out.</summary>
internal static class QueueStoreCalls
{
    /// <summary>Does something to every message that matches, for somebody who does not look on.</summary>
    public static ValueTask<int> ApplyAsync(
        this IQueueStore store, QueueAction action, QueueSelection selection, DateTimeOffset now, CancellationToken cancellationToken) =>
        store.ApplyAsync(action, selection, now, progress: null, cancellationToken);
}

/// <summary>Takes in the octets of one message: small ones in memory, large ones on disk. Disposing it before
/// <see cref="CompleteAsync"/> leaves nothing behind.</summary>
internal interface IMessageWriter : IAsyncDisposable
{
    QueueId Id { get; }

    /// <exception cref="QueueFullException">No room: answer 452 4.3.1.</exception>
    /// <exception cref="IOException">The store cannot take it: answer 451 4.3.0.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken);

    /// <summary>Ends the content, and makes a large body durable. Commit the result, or dispose it.</summary>
    /// <exception cref="IOException">As for <see cref="WriteAsync"/>.</exception>
    ValueTask<PreparedMessage> CompleteAsync(NewMessage message, CancellationToken cancellationToken);
}

/// <summary>Where a freshly committed message is handed to delivery in memory, so that the store need not be read again.</summary>
internal interface IHandOver
{
    /// <summary>Takes a place for a message of so many octets that has recipients of this route, if there is one and delivery is at work
    /// there.</summary>
    bool TryReserve(MailRoute route, long octets);

    /// <summary>Uses the place.</summary>
    void HandOver(MailRoute route, QueueLease lease, long octets);

    /// <summary>Gives an unused place back.</summary>
    void GiveBack(MailRoute route, long octets);
}

internal enum StoreAccess
{
    /// <summary>The one process that accepts and delivers.</summary>
    Daemon,

    /// <summary>A command that reads and changes the queue beside a daemon, or without one.</summary>
    Operator,

    /// <summary>A command that brings mail. Where there is a folder for a queue and none in it yet, it makes one: the first mail of a machine
    /// may come before its relay has ever run.</summary>
    Submitter,
}

/// <summary>The store cannot be opened or used. The message is for the operator: what, where, and the way out.</summary>
internal sealed class QueueUnavailableException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Nothing is wrong with it; it is not for whoever asks.</summary>
    public bool IsForbidden { get; init; }
}
