using System.Runtime.CompilerServices;
using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

// What operators ask of the queue.
internal sealed partial class SqliteQueueStore
{
    /// <summary>Rows read at a time: a reader holds no snapshot while its caller prints.</summary>
    private const int Step = 256;

    /// <summary>Messages changed at a time: some milliseconds, in which whoever else has something to write waits.</summary>
    private const int ChangedAtOnce = 512;

    public async IAsyncEnumerable<QueuedMessage> ListAsync(
        QueueSelection selection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var filter = new SelectionFilter(selection);
        DateTimeOffset now = clock.GetUtcNow();
        int left = selection.Limit ?? int.MaxValue;
        long? after = long.MinValue;
        while (left > 0 && after is not null)
        {
            List<MessageRow> rows = await Readers.ReadAsync(database => filter.Read(database, ref after, Step), cancellationToken)
                .ConfigureAwait(false);
            foreach (MessageRow row in rows)
            {
                if (left > 0 && filter.Matches(row))
                {
                    left--;
                    yield return row.ToMessage(now);
                }
            }
        }
    }

    public async ValueTask<int> ApplyAsync(
        QueueAction action, QueueSelection selection, DateTimeOffset now, Action<int>? progress, CancellationToken cancellationToken)
    {
        var filter = new SelectionFilter(selection);
        var step = new List<QueueId>(ChangedAtOnce);
        (int seen, int changed, int alreadyDue) = (0, 0, 0);
        await foreach (QueuedMessage message in ListAsync(selection, cancellationToken).ConfigureAwait(false))
        {
            if (action == QueueAction.Retry && IsDue(message, now))
            {
                // After an outage all mail is, and none of it need be written anew.
                alreadyDue++;
            }
            else
            {
                step.Add(message.Id);
            }

            if (step.Count == ChangedAtOnce)
            {
                changed += await ApplyStepAsync(action, filter, step, now).ConfigureAwait(false);
                step.Clear();
            }

            if (++seen % ChangedAtOnce == 0)
            {
                progress?.Invoke(alreadyDue + changed);
            }
        }

        return alreadyDue + changed + await ApplyStepAsync(action, filter, step, now).ConfigureAwait(false);
    }

    public async IAsyncEnumerable<HistoryEntry> HistoryAsync(
        HistorySelection selection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int left = selection.Limit ?? int.MaxValue;
        long after = 0;
        while (left > 0)
        {
            (List<HistoryEntry> entries, bool more) = await Readers.ReadAsync(
                database => HistoryQuery.Read(database, selection, ref after, Step), cancellationToken).ConfigureAwait(false);
            foreach (HistoryEntry entry in entries)
            {
                if (left-- > 0)
                {
                    yield return entry;
                }
            }

            if (!more)
            {
                yield break;
            }
        }
    }

    public ValueTask<HistoryNews> HistorySinceAsync(long mark, int most, CancellationToken cancellationToken) =>
        Readers.ReadAsync(database => HistoryQuery.ReadNewest(database, mark, most), cancellationToken);

    public bool IsServed => _owner is not null || OwnerLock.IsTaken(_folder);

    public ValueTask<QueueTotals> TotalsAsync(CancellationToken cancellationToken) => Readers.ReadAsync(
        static database =>
        {
            using SqliteStatement sums = database.Prepare("SELECT messages, octets, waiting, in_delivery, held, parked FROM store");
            sums.Step();
            return new QueueTotals(
                sums.Int64(0),
                sums.Int64(1),
                sums.Int64(2),
                sums.Int64(3),
                sums.Int64(4),
                sums.Int64(5),
                ReceivedAt(database, "SELECT id, envelope FROM message ORDER BY id LIMIT 1"),
                ReceivedAt(database, "SELECT id, envelope FROM message WHERE waiting > 0 ORDER BY id LIMIT 1"));
        },
        cancellationToken);

    public async ValueTask<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        var work = new ProbeWork();
        Writer.Add(work);
        return await work.Done.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<long> FlushGenerationAsync(CancellationToken cancellationToken) =>
        Readers.ReadAsync(static database => database.QueryInt64("SELECT flush_generation FROM store"), cancellationToken);

    public async ValueTask<bool> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var work = new PruneWork(before);
        Writer.Add(work);
        return await work.Done.ConfigureAwait(false);
    }

    private static DateTimeOffset? ReceivedAt(SqliteDatabase database, string query)
    {
        using SqliteStatement first = database.Prepare(query);
        return first.Step() ? EnvelopeCodec.Decode(new QueueId(first.Int64(0)), first.Blob(1))?.ReceivedAt : null;
    }

    private async ValueTask<int> ApplyStepAsync(QueueAction action, SelectionFilter filter, List<QueueId> ids, DateTimeOffset now)
    {
        long began = clock.GetTimestamp();
        var work = new ApplyWork(action, filter, ids, now);
        Writer.Add(work);
        (int changed, string? failure) = await work.Done.ConfigureAwait(false);
        if (failure is not null)
        {
            throw new QueueUnavailableException($"The queue in {_folder} cannot be changed: {failure}");
        }

        foreach (QueueId id in work.FilesOfDeleted)
        {
            DeleteBody(id);
        }

        if (_owner is null && ids.Count == ChangedAtOnce)
        {
            // Half of the time is the daemon's, which cannot write while we do.
            await Task.Delay(clock.GetElapsedTime(began), clock).ConfigureAwait(false);
        }

        return changed;
    }

    private static bool IsDue(QueuedMessage message, DateTimeOffset now) =>
        !message.IsDamaged
        && message.Recipients.Any(recipient => recipient.State == RecipientState.Waiting)
        && message.Recipients.All(recipient => recipient.State != RecipientState.Waiting || recipient.NextAttempt <= now);
}
