using System.Runtime.CompilerServices;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Harness;

/// <summary>
/// A queue in memory, for tests of what stands above it. It keeps the promises of <see cref="IQueueStore"/> but the one that it
/// survives anything, and fails when a test asks it to.
/// </summary>
internal sealed partial class MemoryQueueStore(TimeProvider clock) : IQueueStore
{
    /// <summary>How long a lease given at commit stands.</summary>
    public static readonly TimeSpan CommitLease = TimeSpan.FromMinutes(30);

    private readonly Lock _gate = new();
    private readonly SortedDictionary<long, StoredMessage> _messages = [];
    private readonly List<HistoryEntry> _history = [];
    private int _openCount;
    private long _token;
    private long _flushGeneration;

    public StoreHealth Health { get; set; }

    public long FreeOctets { get; set; } = long.MaxValue;

    /// <summary>Thrown by the next write of content beyond <see cref="FaultAfterOctets"/>.</summary>
    public IOException? WriteFault { get; set; }

    public long FaultAfterOctets { get; set; }

    /// <summary>What commits come to.</summary>
    public CommitStatus CommitsAs { get; set; }

    /// <summary>Called by whoever probes, who waits for what it returns.</summary>
    public Func<Task> OnProbe { get; set; } = () => Task.CompletedTask;

    /// <summary>Called by whoever asks when the next message falls due, who waits for what it returns.</summary>
    public Func<Task> OnNextDue { get; set; } = () => Task.CompletedTask;

    /// <summary>Writers and prepared messages that nobody has disposed yet.</summary>
    public int Open => Volatile.Read(ref _openCount);

    /// <summary>How many octets writers were given, in all.</summary>
    public long OctetsWritten { get; private set; }

    /// <summary>What is in the queue, oldest first.</summary>
    public IReadOnlyList<QueuedMessage> Messages
    {
        get
        {
            lock (_gate)
            {
                return [.. _messages.Values.Select(stored => stored.ToMessage(clock.GetUtcNow()))];
            }
        }
    }

    /// <summary>The octets of a message in the queue.</summary>
    public byte[] Octets(QueueId id)
    {
        lock (_gate)
        {
            return _messages[id.Value].Content.Memory.ToArray();
        }
    }

    public ValueTask OpenAsync(StoreAccess access, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            foreach (StoredMessage stored in access == StoreAccess.Daemon ? _messages.Values.ToArray() : [])
            {
                stored.EndLease();
            }
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<string?> ProbeAsync(CancellationToken cancellationToken)
    {
        await OnProbe();
        return CommitsAs == CommitStatus.Committed ? null : "The test says so.";
    }

    public IMessageWriter BeginMessage(QueueId id)
    {
        Interlocked.Increment(ref _openCount);
        return new Writer(this, id);
    }

    public ValueTask<CommitResult> CommitAsync(PreparedMessage message, bool lease, CancellationToken cancellationToken)
    {
        if (CommitsAs != CommitStatus.Committed)
        {
            return ValueTask.FromResult(new CommitResult(CommitsAs, Reason: "The test says so."));
        }

        lock (_gate)
        {
            if (_messages.ContainsKey(message.Id.Value))
            {
                return ValueTask.FromResult(new CommitResult(CommitStatus.Failed, Reason: "It is there already."));
            }

            StoredMessage stored = Add((Prepared)message);
            QueueLease? leased = lease ? Lease(stored, clock.GetUtcNow() + CommitLease, [.. stored.Recipients]) : null;
            return ValueTask.FromResult(new CommitResult(CommitStatus.Committed, leased));
        }
    }

    public ValueTask<IReadOnlyList<QueueLease>> LeaseDueAsync(
        MailRoute route, DateTimeOffset now, int limit, TimeSpan leaseFor, CancellationToken cancellationToken) =>
        ValueTask.FromResult(LeaseWhere(
            now,
            limit,
            leaseFor,
            stored => stored.Waiting.Where(recipient => recipient.Recipient.Route == route && recipient.NextAttempt <= now),
            stored => stored.Waiting.Where(recipient => recipient.Recipient.Route == route).Min(recipient => recipient.NextAttempt)));

    public ValueTask<IReadOnlyList<QueueLease>> LeaseOverdueAsync(
        DateTimeOffset now, int limit, TimeSpan leaseFor, CancellationToken cancellationToken) =>
        ValueTask.FromResult(LeaseWhere(
            now,
            limit,
            leaseFor,
            stored => stored.ExpiresAt <= now || stored.DelayNoticeAt <= now ? stored.Waiting : [],
            stored => stored.ExpiresAt));

    public async ValueTask<DateTimeOffset?> NextDueAsync(MailRoute route, CancellationToken cancellationToken)
    {
        await OnNextDue();
        lock (_gate)
        {
            DateTimeOffset now = clock.GetUtcNow();
            return _messages.Values
                .SelectMany(stored => stored.Waiting
                    .Where(recipient => stored.IsLeased(now) || recipient.Recipient.Route == route)
                    .Select(recipient => (DateTimeOffset?)(stored.IsLeased(now) ? stored.LeasedUntil : recipient.NextAttempt)))
                .Min();
        }
    }

    public ValueTask<SettleResult> SettleAsync(Settlement settlement, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            if (CommitsAs != CommitStatus.Committed)
            {
                return ValueTask.FromResult(SettleResult.Failed);
            }

            if (!_messages.TryGetValue(settlement.Lease.Message.Id.Value, out StoredMessage? stored)
                || stored.Token != settlement.Lease.Token)
            {
                // What was said upstream is still true; settled twice, it is known already.
                _history.AddRange(settlement.History.Except(_history).ToList());
                return ValueTask.FromResult(SettleResult.LeaseLost);
            }

            if (settlement.Reports.Any(report => _messages.ContainsKey(report.Id.Value)))
            {
                return ValueTask.FromResult(SettleResult.Failed);
            }

            stored.Settle(settlement);
            _history.AddRange(settlement.History);
            foreach (PreparedMessage report in settlement.Reports)
            {
                Add((Prepared)report);
            }

            if (stored.IsDone)
            {
                _messages.Remove(stored.Id.Value);
            }

            return ValueTask.FromResult(SettleResult.Settled);
        }
    }

    public ValueTask<MessageContent?> FindContentAsync(QueueId id, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult<MessageContent?>(_messages.GetValueOrDefault(id.Value)?.Content);
        }
    }

    public async IAsyncEnumerable<QueuedMessage> ListAsync(
        QueueSelection selection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        foreach (QueuedMessage message in Messages.Where(message => Matches(selection, message)).Take(selection.Limit ?? int.MaxValue))
        {
            yield return message;
        }
    }

    public ValueTask<int> ApplyAsync(
        QueueAction action, QueueSelection selection, DateTimeOffset now, Action<int>? progress, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            StoredMessage[] matching = [.. _messages.Values
                .Where(stored => Matches(selection, stored.ToMessage(now)))
                .Take(selection.Limit ?? int.MaxValue)];
            int changed = matching.Count(stored => stored.Apply(action, now, _history));
            foreach (StoredMessage stored in action == QueueAction.Delete ? matching : [])
            {
                _messages.Remove(stored.Id.Value);
            }

            progress?.Invoke(changed);
            _flushGeneration += action is QueueAction.Retry or QueueAction.Release ? 1 : 0;
            return ValueTask.FromResult(changed);
        }
    }

    public async IAsyncEnumerable<HistoryEntry> HistoryAsync(
        HistorySelection selection, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        HistoryEntry[] entries;
        lock (_gate)
        {
            entries = [.. _history];
        }

        foreach (HistoryEntry entry in entries
            .Where(entry => selection.Id is null || entry.Id == selection.Id)
            .Where(entry => selection.Address is not { } address
                || entry.Sender.Equals(address, StringComparison.OrdinalIgnoreCase)
                || entry.Recipient.Equals(address, StringComparison.OrdinalIgnoreCase))
            .OrderBy(entry => entry.At)
            .Take(selection.Limit ?? int.MaxValue))
        {
            yield return entry;
        }
    }

    public ValueTask<HistoryNews> HistorySinceAsync(long mark, int most, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            HistoryEntry[] entries = [.. _history.Skip((int)mark)];
            return ValueTask.FromResult(new HistoryNews([.. entries.TakeLast(most)], entries.Length > most, _history.Count));
        }
    }

    /// <summary>What it says of itself.</summary>
    public bool IsServed { get; set; } = true;

    public ValueTask<QueueTotals> TotalsAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<QueuedMessage> messages = Messages;
        long Count(RecipientState state, bool inDelivery) => messages
            .Where(message => message.InDelivery == inDelivery)
            .Sum(message => message.Recipients.LongCount(recipient => recipient.State == state));
        return ValueTask.FromResult(new QueueTotals(
            messages.Count,
            messages.Sum(message => message.Octets),
            Count(RecipientState.Waiting, false),
            Count(RecipientState.Waiting, true),
            Count(RecipientState.Held, false) + Count(RecipientState.Held, true),
            Count(RecipientState.Parked, false) + Count(RecipientState.Parked, true),
            messages.Min(message => (DateTimeOffset?)message.ReceivedAt),
            messages.Where(message => message.Recipients.Any(recipient => recipient.State == RecipientState.Waiting))
                .Min(message => (DateTimeOffset?)message.ReceivedAt)));
    }

    public ValueTask<bool> PruneAsync(DateTimeOffset before, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _history.RemoveAll(entry => entry.At < before);
            return ValueTask.FromResult(false);
        }
    }

    public ValueTask<long> FlushGenerationAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return ValueTask.FromResult(_flushGeneration);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static bool Matches(QueueSelection selection, QueuedMessage message)
    {
        bool IsAddressed(Mailbox? mailbox) => selection.Address is not { } address || (address.StartsWith('@')
            ? address[1..].Equals(mailbox?.Domain, StringComparison.OrdinalIgnoreCase)
            : address.Equals(mailbox?.ToString() ?? "<>", StringComparison.OrdinalIgnoreCase));
        return (selection.Ids.Count == 0 || selection.Ids.Contains(message.Id))
            && (IsAddressed(message.Envelope.Sender) || message.Recipients.Any(recipient => IsAddressed(recipient.Recipient.Address)))
            && (selection.State is not { } state || message.Recipients.Any(recipient => recipient.State == state))
            && (!selection.Deferred || message.Recipients.Any(
                recipient => recipient.State == RecipientState.Waiting && recipient.LastReply is not null));
    }

    private StoredMessage Add(Prepared prepared)
    {
        var stored = new StoredMessage(prepared.Id, prepared.Message, prepared.Content);
        _messages.Add(prepared.Id.Value, stored);
        return stored;
    }

    private IReadOnlyList<QueueLease> LeaseWhere(
        DateTimeOffset now,
        int limit,
        TimeSpan leaseFor,
        Func<StoredMessage, IEnumerable<QueuedRecipient>> due,
        Func<StoredMessage, DateTimeOffset> order)
    {
        lock (_gate)
        {
            return [.. _messages.Values
                .Where(stored => !stored.IsLeased(now) && due(stored).Any())
                .OrderBy(order)
                .Take(limit)
                .ToList()
                .Select(stored => Lease(stored, now + leaseFor, [.. due(stored)]))];
        }
    }

    private QueueLease Lease(StoredMessage stored, DateTimeOffset until, IReadOnlyList<QueuedRecipient> due)
    {
        stored.Token = ++_token;
        stored.LeasedUntil = until;
        return new QueueLease(stored.ToMessage(clock.GetUtcNow()), due, stored.Token, stored.Content) { Until = until };
    }
}
