using Microsoft.Extensions.Logging;
using RelayProxy.Delivery.Local;
using RelayProxy.Delivery.Reports;
using RelayProxy.Intake;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery;

/// <summary>
/// The clock of the house: decides when something is sent, and over how many connections. One loop looks at the queue every two seconds, or
/// when called; as many runs as the smarthost's health permits take one message after the other. What was said is
/// <see cref="DeliveryAttempt"/>'s, what it means <see cref="ReplyVerdict"/>'s, what is written down <see cref="OutcomeRecorder"/>'s.
/// </summary>
internal sealed partial class DeliveryService : IDisposable
{
    private readonly IQueueStore _store;
    private readonly HandOverQueue _handOver;
    private readonly LocalRuns _local;
    private readonly Func<DeliveryOptions> _options;
    private readonly Func<QueueOptions> _queueOptions;
    private readonly Func<SmarthostOptions> _smarthost;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly MailInHand _inHand = new();
    private readonly MailSource _source;
    private readonly SmarthostHealth _health;
    private readonly DeliveryAttempt _attempt;
    private readonly OutcomeRecorder _recorder;
    private readonly OverdueMail _overdue;
    private readonly Settler _settler;
    private readonly OperatorCalls _calls;
    private readonly HistoryPruning _history;
    private readonly Patience _patience;
    private readonly Wake _wake;
    private readonly CancellationTokenSource _abort = new();
    private volatile bool _storeHasMore;
    private volatile bool _overdueHasMore;
    private long _reportsQueued;
    private TaskCompletionSource _looked = NewLook();
    private Task _loop = Task.CompletedTask;

    public DeliveryService(
        IQueueStore store,
        SmarthostPool pool,
        IntakeDesk intake,
        HandOver handOver,
        LocalDelivery local,
        Func<DeliveryOptions> options,
        Func<QueueOptions> queueOptions,
        Func<SmarthostOptions> smarthost,
        RelayMetrics metrics,
        TimeProvider clock,
        ILogger logger)
    {
        (_store, _handOver, _options, _queueOptions, _smarthost, _clock, _logger) =
            (store, handOver.ToSmarthost, options, queueOptions, smarthost, clock, logger);
        _health = new SmarthostHealth(clock, smarthost);
        _source = new MailSource(MailRoute.Smarthost, store, handOver.ToSmarthost, _inHand, clock);
        _attempt = new DeliveryAttempt(pool, smarthost, options, clock);
        _settler = new Settler(store, _inHand, ReportsQueued, NextLookAsync, clock, logger);
        _calls = new OperatorCalls(store, clock);
        _history = new HistoryPruning(store, queueOptions, clock);
        _patience = new Patience(clock);
        _wake = new Wake(clock);
        Heartbeat = new Heartbeat(clock);
        _lookedAtOverdue = clock.GetTimestamp();
        var reports = new ReportOffice(intake, options, clock, logger);
        _recorder = new OutcomeRecorder(reports, _patience, new OutcomeLog(metrics, logger), options, clock, Random.Shared.NextDouble);
        _local = new LocalRuns(
            store, handOver.ToLocal, _inHand, local, _recorder, _settler, _wake.Call, lease => RouteSettled(lease), clock, logger, _abort.Token);
        _overdue = new OverdueMail(store, _source, _local, _inHand, _health, _recorder, reports, _settler, _patience, clock);
    }

    /// <summary>That of the loop, which comes round every two seconds, whatever the smarthost does. A store that takes nothing holds it up.</summary>
    public Heartbeat Heartbeat { get; }

    public DeliverySnapshot Snapshot
    {
        get
        {
            var resting = _health.Resting;
            return new DeliverySnapshot
            {
                Trouble = _health.Trouble,
                RestLeft = resting?.Left ?? TimeSpan.Zero,
                Reason = resting?.Reply.ToString() ?? "",
                Active = _health.Active,
                InFlight = _inHand.Count + _handOver.Count + _local.HandedOver,
            };
        }
    }

    /// <summary>The store is open, and intake may take mail from now on.</summary>
    public void Start()
    {
        _patience.Begin();

        // At once: what is committed before the loop's first look would else wait for its second.
        _handOver.Open(StartRuns);
        _local.Open();
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Settings have changed, or somebody asks: ends a rest and looks at the queue now.</summary>
    public void Flush()
    {
        _health.EndRest();
        _wake.Call();
    }

    /// <summary>
    /// Ends when the queue has been looked at anew and all that can be sent now has been: what is left waits for its time, for a person or for
    /// the smarthost. For <c>drain</c>, and for tests.
    /// </summary>
    public async Task QuietAsync(CancellationToken cancellationToken)
    {
        long before;
        do
        {
            before = Activity;

            // The first may have begun before this call.
            for (int look = 0; look < 2; look++)
            {
                await NextLookAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
            }

            await _runs.WhenNone().WaitAsync(cancellationToken).ConfigureAwait(false);
            await _local.WhenNone().WaitAsync(cancellationToken).ConfigureAwait(false);
            await _settler.WhenNone().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        while (before != Activity || !_source.IsEmpty || !_local.IsIdle || _inHand.Count > 0 || (_storeHasMore && _health.Resting is null));
    }

    public void Dispose()
    {
        _wake.Dispose();
        _settler.Dispose();
        _abort.Dispose();
    }

    private Task NextLookAsync()
    {
        Task looked = Volatile.Read(ref _looked).Task;
        _wake.Call();
        return looked;
    }

    /// <summary>Grows with everything that is begun, and that will be.</summary>
    private long Activity => _inHand.Begun + Interlocked.Read(ref _reportsQueued);

    private void ReportsQueued()
    {
        Interlocked.Increment(ref _reportsQueued);
        _storeHasMore = true;
        _wake.Call();
    }

    /// <summary>What one route has done with a message may have kept the other waiting.</summary>
    private Action? RouteSettled(QueueLease lease)
    {
        IReadOnlyList<QueuedRecipient> recipients = lease.Message.Recipients;
        for (int i = 1; i < recipients.Count; i++)
        {
            if (recipients[i].Recipient.Route != recipients[0].Recipient.Route)
            {
                return LookAtBothRoutes;
            }
        }

        return null;
    }

    private void LookAtBothRoutes()
    {
        _storeHasMore = true;
        _local.LookAgain();
        _wake.Call();
    }

    private static TaskCompletionSource NewLook() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(EventIds.DeliveryFault, LogLevel.Error, "Delivery could not look at the queue, and will again: {Reason}")]
        public static partial void DeliveryFault(ILogger logger, string reason, Exception fault);

        [LoggerMessage(EventIds.ClockStepped, LogLevel.Warning, "The system's clock was set by {Step}: no mail is given up for its age within the next hour")]
        public static partial void ClockStepped(ILogger logger, TimeSpan step);

        [LoggerMessage(EventIds.AttemptFault, LogLevel.Error, "{QueueId}: an attempt to deliver it failed for a fault of our own: {Reason}")]
        public static partial void AttemptFault(ILogger logger, QueueId queueId, string reason, Exception fault);

        [LoggerMessage(EventIds.SmarthostRests, LogLevel.Warning, "{Smarthost}: {Trouble}. It is left alone for {Pause}: {Reply}")]
        public static partial void SmarthostRests(ILogger logger, string smarthost, string trouble, string pause, SmtpReply reply);

        [LoggerMessage(
            EventIds.SmarthostNeedsAPerson,
            LogLevel.Error,
            "{Smarthost}: {Trouble}, and somebody has to see to it. All mail is kept; the next try is in {Pause}: {Reply}")]
        public static partial void SmarthostNeedsAPerson(
            ILogger logger, string smarthost, string trouble, string pause, SmtpReply reply);

        [LoggerMessage(EventIds.SmarthostAnswers, LogLevel.Information, "{Smarthost} takes mail again; the trouble was: {Trouble}")]
        public static partial void SmarthostAnswers(ILogger logger, string smarthost, string trouble);

        [LoggerMessage(EventIds.DeliveryStopped, LogLevel.Information, "Delivery has stopped; {InHand} messages were left in the middle")]
        public static partial void DeliveryStopped(ILogger logger, int inHand);
    }
}
