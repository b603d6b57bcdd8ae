using Microsoft.Extensions.Logging;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery.Local;

/// <summary>
/// Mail that stays on this machine, at its own pace: a smarthost that rests does not delay it, and a mailbox that hangs delays nobody but
/// itself. A few messages at once; called by the loop of <see cref="DeliveryService"/> and by whoever hands a message over.
/// </summary>
/// <param name="wake">Has the loop look again.</param>
/// <param name="settled">What to do when a message has been settled.</param>
internal sealed partial class LocalRuns(
    IQueueStore store,
    HandOverQueue handOver,
    MailInHand inHand,
    LocalDelivery delivery,
    OutcomeRecorder recorder,
    Settler settler,
    Action wake,
    Func<QueueLease, Action?> settled,
    TimeProvider clock,
    ILogger logger,
    CancellationToken abort)
{
    /// <summary>Disks and commands, not connections far away: more at once is not faster.</summary>
    private const int MaxAtOnce = 4;

    private const int Batch = 32;

    private readonly MailSource _source = new(MailRoute.Local, store, handOver, inHand, clock);
    private readonly RunningTasks _runs = new();
    private readonly Lock _gate = new();
    private int _active;
    private volatile bool _storeHasMore;
    private volatile bool _stopped;

    /// <summary>When the next message falls due; <c>null</c> if none waits.</summary>
    public DateTimeOffset? NextDue { get; private set; }

    public int HandedOver => handOver.Count;

    /// <summary>Nothing is left to do now.</summary>
    public bool IsIdle => Volatile.Read(ref _active) == 0 && (HasNoPlace || (_source.IsEmpty && !_storeHasMore));

    /// <summary>Ends when nothing is being delivered.</summary>
    public Task WhenNone() => _runs.WhenNone();

    public void Open() => handOver.Open(StartRuns);

    public void Close() => handOver.Close();

    /// <summary>No message is begun any more.</summary>
    public void Stop() => _stopped = true;

    public Task ReleaseAllAsync() => _source.ReleaseAllAsync();

    /// <summary>There may be mail in the store that nobody has told of.</summary>
    public void LookAgain() => _storeHasMore = true;

    /// <summary>Puts a leased message in line. False if it is in hand already.</summary>
    public bool Add(QueueLease lease) => _source.Add(lease);

    /// <summary>Leases what is due. True if something was.</summary>
    public async ValueTask<bool> LookAsync(DateTimeOffset now)
    {
        bool found = false;
        if (!HasNoPlace && _source.Due * 2 < Batch)
        {
            bool hasMore = _storeHasMore;
            _storeHasMore = false;
            NextDue = await store.NextDueAsync(MailRoute.Local, abort).ConfigureAwait(false);
            if (hasMore || NextDue <= now)
            {
                int before = _source.Due;
                _storeHasMore |= await _source.RefillAsync(now, Batch, abort).ConfigureAwait(false);
                found = _source.Due > before;
            }
        }

        StartRuns();
        return found;
    }

    /// <summary>Every place is held by something that does not come back (a network disk that is gone).</summary>
    public bool HasNoPlace => delivery.Stuck >= MaxAtOnce;

    private void StartRuns()
    {
        while (!_stopped && !_source.IsEmpty && TryEnter())
        {
            _runs.Start(RunAsync);
        }
    }

    private bool TryEnter()
    {
        lock (_gate)
        {
            if (_active + delivery.Stuck >= MaxAtOnce)
            {
                return false;
            }

            _active++;
            return true;
        }
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_stopped && !HasNoPlace && _source.TryTake(out MailToSend mail))
            {
                await DeliverAsync(mail).ConfigureAwait(false);
            }
        }
        catch (Exception fault)
        {
            Log.LocalFault(logger, fault.Message, fault);
        }
        finally
        {
            lock (_gate)
            {
                _active--;
            }
        }

        // Whoever came while the place was still taken found no free one; whoever found no room waits in the store.
        StartRuns();
        bool wasFull = handOver.WasFull;
        if (wasFull)
        {
            _storeHasMore = true;
        }

        if (_source.IsEmpty && _storeHasMore)
        {
            wake();
        }
    }

    private async Task DeliverAsync(MailToSend mail)
    {
        QueueLease lease = mail.Lease;
        AttemptResult result;
        try
        {
            result = await delivery.RunAsync(lease, abort).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            Log.AttemptFault(logger, lease.Message.Id, fault.Message, fault);
            result = OurFault(lease);
        }
        finally
        {
            _source.Sent(mail);
        }

        await settler.EnterAsync().ConfigureAwait(false);
        settler.Begin(lease, () => recorder.RecordAsync(lease, result, CancellationToken.None), settled(lease));
    }

    private static AttemptResult OurFault(QueueLease lease)
    {
        var outcome = new Outcome(
            Disposition.Deferred, FailureScope.Message, DeliveryStage.EndOfData, new SmtpReply(451, 3, 0, "The relay failed to deliver it"));
        return LocalDelivery.Result([.. lease.Due.Select(recipient => new RecipientResult(recipient, outcome, FromSmarthost: false))]);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.LocalFault, LogLevel.Error, "Local delivery could not go on, and will again: {Reason}")]
        public static partial void LocalFault(ILogger logger, string reason, Exception fault);

        [LoggerMessage(EventIds.LocalAttemptFault, LogLevel.Error, "{QueueId}: an attempt to deliver it here failed for a fault of our own: {Reason}")]
        public static partial void AttemptFault(ILogger logger, QueueId queueId, string reason, Exception fault);
    }
}
