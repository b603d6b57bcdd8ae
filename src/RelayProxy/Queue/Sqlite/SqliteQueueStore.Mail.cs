using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

// What the relay does with mail: takes it in, leases it out, writes down what became of it.
internal sealed partial class SqliteQueueStore
{
    /// <summary>How long whoever commits a message may keep the lease that comes with it. Long, because a lease that lapses in the
    /// hands of a living owner is a duplicate; and harmless, because all leases end when a daemon opens the store.</summary>
    private static readonly TimeSpan s_leaseOfCommit = TimeSpan.FromHours(1);

    private const string NextSmarthostDue =
        "SELECT min(due_at) AS at FROM message INDEXED BY message_due WHERE lease_until IS NULL AND due_at IS NOT NULL";

    private const string NextLocalDue =
        "SELECT min(local_due_at) AS at FROM message INDEXED BY message_local_due WHERE lease_until IS NULL AND local_due_at IS NOT NULL";

    public IMessageWriter BeginMessage(QueueId id) => new SqliteMessageWriter(id, Bodies, _disk, options().InlineOctets, Writer.ReportFailure);

    public async ValueTask<CommitResult> CommitAsync(PreparedMessage message, bool lease, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var prepared = (SqlitePreparedMessage)message;
        var work = new AcceptWork(
            prepared, lease ? prepared.ToLease(NextLeaseToken(), clock.GetUtcNow() + s_leaseOfCommit) : null);
        Writer.Add(work);
        try
        {
            return await work.Done.WaitAsync(options().DiskTimeout, clock, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            if (!work.TryAbandon())
            {
                return await work.Done.ConfigureAwait(false);
            }

            Writer.ReportHanging(_disk.Hanging);
            return new CommitResult(CommitStatus.Failed, Reason: _disk.Hanging);
        }
    }

    public ValueTask<IReadOnlyList<QueueLease>> LeaseDueAsync(
        MailRoute route, DateTimeOffset now, int limit, TimeSpan leaseFor, CancellationToken cancellationToken) =>
        LeaseAsync(route, now, limit, leaseFor, cancellationToken);

    public ValueTask<IReadOnlyList<QueueLease>> LeaseOverdueAsync(
        DateTimeOffset now, int limit, TimeSpan leaseFor, CancellationToken cancellationToken) =>
        LeaseAsync(route: null, now, limit, leaseFor, cancellationToken);

    public ValueTask<DateTimeOffset?> NextDueAsync(MailRoute route, CancellationToken cancellationToken) => Readers.ReadAsync<DateTimeOffset?>(
        database =>
        {
            // A lease that lapses makes its message due.
            using SqliteStatement next = database.Prepare(
                $"""
                SELECT min(at) FROM (
                    {(route == MailRoute.Local ? NextLocalDue : NextSmarthostDue)}
                    UNION ALL
                    SELECT min(lease_until) FROM message INDEXED BY message_leased WHERE lease_until IS NOT NULL)
                """);
            return next.Step() && next.NullableInt64(0) is long ticks ? new DateTimeOffset(Math.Clamp(ticks, 0, DateTime.MaxValue.Ticks), TimeSpan.Zero) : null;
        },
        cancellationToken);

    public async ValueTask<SettleResult> SettleAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var work = new SettleWork(settlement);
        Writer.Add(work);
        SettleResult result = await work.Done.ConfigureAwait(false);
        if (work.MessageGone && settlement.Lease.Content is FileContent)
        {
            DeleteBody(settlement.Lease.Message.Id);
        }

        return result;
    }

    public async ValueTask<MessageContent?> FindContentAsync(QueueId id, CancellationToken cancellationToken) => await Readers.ReadAsync(
        database =>
        {
            using SqliteStatement find = database.Prepare(
                "SELECT m.envelope, b.octets FROM message m LEFT JOIN body b ON b.id = m.id WHERE m.id = ?1");
            if (!find.Bind(1, id.Value).Step())
            {
                return null;
            }

            StoredEnvelope envelope = EnvelopeCodec.Decode(id, find.Blob(0))
                ?? throw new InvalidDataException($"{id}: its row does not have its checksum.");
            return OpenContent(id, envelope, find.IsNull(1) ? null : find.Blob(1).ToArray(), out string what)
                ?? throw new InvalidDataException($"{id}: {what}.");
        },
        cancellationToken).ConfigureAwait(false);

    private async ValueTask<IReadOnlyList<QueueLease>> LeaseAsync(
        MailRoute? route, DateTimeOffset now, int limit, TimeSpan leaseFor, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var work = new LeaseWork(this, route, now, limit, leaseFor);
        Writer.Add(work);
        return await work.Done.ConfigureAwait(false);
    }

    private void DeleteBody(QueueId id)
    {
        try
        {
            Bodies.Delete(id);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Log.BodyNotDeleted(logger, id, error.Message);
        }
    }
}
