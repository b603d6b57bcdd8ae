using Microsoft.Extensions.Logging;
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
    /// <summary>How soon a change made by an operator's command is seen.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_lookAtOverdue = TimeSpan.FromSeconds(30);

    private readonly IQueueStore _store;
    private readonly HandOverQueue _handOver;
    private readonly Func<DeliveryOptions> _options;
    private readonly Func<SmarthostOptions> _smarthost;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly MailInHand _inHand = new();
    private readonly MailSource _source;
    private readonly SmarthostHealth _health;
    private readonly DeliveryAttempt _attempt;
    private readonly OutcomeRecorder _recorder;
    private readonly OutcomeLog _outcomes;
    private readonly OverdueMail _overdue;
    private readonly Settler _settler;
    private readonly OperatorCalls _calls;
    private readonly HistoryPruning _history;
    private readonly Patience _patience;
    private readonly Wake _wake;
    private readonly CancellationTokenSource _abort = new();
    private volatile bool _storeHasMore;
    private long _heartbeat;
    private long _reportsQueued;
    private DateTimeOffset? _nextDue;
    private long _lookedAtOverdue;
    private TaskCompletionSource _looked = NewLook();
    private Task _loop = Task.CompletedTask;

    public DeliveryService(
        IQueueStore store,
        SmarthostPool pool,
        IntakeDesk intake,
        HandOverQueue handOver,
        Func<DeliveryOptions> options,
        Func<QueueOptions> queueOptions,
        Func<SmarthostOptions> smarthost,
        TimeProvider clock,
        ILogger logger)
    {
        (_store, _handOver, _options, _smarthost, _clock, _logger) = (store, handOver, options, smarthost, clock, logger);
        _health = new SmarthostHealth(clock, smarthost);
        _source = new MailSource(store, handOver, _inHand, clock);
        _attempt = new DeliveryAttempt(pool, smarthost, options);
        _settler = new Settler(store, _inHand, ReportsQueued, NextLookAsync, clock, logger);
        _calls = new OperatorCalls(store, clock);
        _history = new HistoryPruning(store, queueOptions, clock);
        _patience = new Patience(clock);
        _outcomes = new OutcomeLog(logger);
        _wake = new Wake(clock);
        _heartbeat = clock.GetUtcNow().UtcTicks;
        _lookedAtOverdue = clock.GetTimestamp();
        var reports = new ReportOffice(intake, options, clock, logger);
        _recorder = new OutcomeRecorder(reports, _patience, _outcomes, options, clock, Random.Shared.NextDouble);
        _overdue = new OverdueMail(store, _source, _inHand, _health, _recorder, reports, _settler, _patience, clock);
    }

    public DeliverySnapshot Snapshot
    {
        get
        {
            var resting = _health.Resting;
            return new DeliverySnapshot
            {
                Heartbeat = new DateTimeOffset(Volatile.Read(ref _heartbeat), TimeSpan.Zero),
                Trouble = _health.Trouble,
                RestingUntil = resting is { } rest ? _clock.GetUtcNow() + rest.Left : null,
                Reason = resting?.Reply.ToString() ?? "",
                Active = _health.Active,
                InFlight = _inHand.Count + _handOver.Count,
                Counts = _outcomes.Counts,
            };
        }
    }

    /// <summary>The store is open, and intake may take mail from now on.</summary>
    public void Start()
    {
        _patience.Begin();

        // At once: what is committed before the loop's first look would else wait for its second.
        _handOver.Open(StartRuns);
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
            await _settler.WhenNone().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        while (before != Activity || !_source.IsEmpty || _inHand.Count > 0 || (_storeHasMore && _health.Resting is null));
    }

    public void Dispose()
    {
        _wake.Dispose();
        _settler.Dispose();
        _abort.Dispose();
    }

    private async Task LoopAsync()
    {
        while (_phase == Phase.Running)
        {
            DateTimeOffset now = Beat();
            try
            {
                await LookAsync(now).ConfigureAwait(false);
            }
            catch (Exception fault)
            {
                // A store that cannot be read now may be read in two seconds; a loop that has ended delivers nothing ever again.
                Log.DeliveryFault(_logger, fault.Message, fault);
            }

            StartRuns();
            Interlocked.Exchange(ref _looked, NewLook()).SetResult();
            await _wake.WaitAsync(UntilNextLook()).ConfigureAwait(false);
        }

        // Nobody waits for a look that will not come.
        _looked.SetResult();
    }

    private async Task LookAsync(DateTimeOffset now)
    {
        await LookAtClockAsync(now).ConfigureAwait(false);
        if (await _calls.HaveComeAsync().ConfigureAwait(false))
        {
            _health.EndRest();
        }

        if (_health.Trouble is null)
        {
            _handOver.Open(StartRuns);
        }
        else
        {
            _handOver.Close();
        }

        if (_clock.GetElapsedTime(_lookedAtOverdue) >= s_lookAtOverdue)
        {
            while (await _overdue.LookAsync(_abort.Token).ConfigureAwait(false) && _phase == Phase.Running)
            {
                Beat();
            }

            _lookedAtOverdue = _clock.GetTimestamp();
        }

        await _history.StepAsync(now, _abort.Token).ConfigureAwait(false);
        if (_health.Resting is not null)
        {
            await _source.ReleaseAllAsync().ConfigureAwait(false);
            return;
        }

        await RefillAsync(now).ConfigureAwait(false);
    }

    /// <summary>Leases as much as the connections need until the next look: a probe needs one message.</summary>
    private async Task RefillAsync(DateTimeOffset now)
    {
        int wanted = _health.IsProven ? Math.Max(32, 2 * _smarthost().MaxConnections) : _health.Active == 0 && _source.IsEmpty ? 1 : 0;
        if (_source.Due * 2 >= wanted)
        {
            return;
        }

        bool hasMore = _storeHasMore;
        _storeHasMore = false;
        if (!hasMore)
        {
            _nextDue = await _store.NextDueAsync(_abort.Token).ConfigureAwait(false);
            if (_nextDue is null || _nextDue > now)
            {
                return;
            }
        }

        // Set aside first: a report that is queued meanwhile must not be forgotten.
        if (await _source.RefillAsync(now, wanted, _abort.Token).ConfigureAwait(false))
        {
            _storeHasMore = true;
        }
    }

    private async Task LookAtClockAsync(DateTimeOffset now)
    {
        TimeSpan astray = _patience.Look();

        // Set back, the clock would have all mail wait for the old time to come again; the same if it stood in the future at the last run.
        bool farAhead = _nextDue - now > (_options().MaxRetry * 2) + TimeSpan.FromDays(1);
        if (astray != TimeSpan.Zero)
        {
            Log.ClockStepped(_logger, astray);
        }

        if (astray < TimeSpan.Zero || farAhead)
        {
            _nextDue = null;
            await _store.ApplyAsync(QueueAction.Retry, QueueSelection.All, now, _abort.Token).ConfigureAwait(false);
        }
    }

    private DateTimeOffset Beat()
    {
        DateTimeOffset now = _clock.GetUtcNow();
        Volatile.Write(ref _heartbeat, now.UtcTicks);
        return now;
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

    private static TaskCompletionSource NewLook() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private TimeSpan UntilNextLook()
    {
        TimeSpan wait = s_look;
        if (_health.Resting is { } rest)
        {
            return rest.Left < wait ? rest.Left : wait;
        }

        TimeSpan? untilDue = _nextDue - _clock.GetUtcNow();
        return untilDue > TimeSpan.Zero && untilDue < wait ? untilDue.Value : wait;
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.DeliveryFault, LogLevel.Error, "Delivery could not look at the queue, and will again: {Reason}")]
        public static partial void DeliveryFault(ILogger logger, string reason, Exception fault);

        [LoggerMessage(EventIds.ClockStepped, LogLevel.Warning, "The system's clock was set by {Step}: no mail is given up for its age within the next hour")]
        public static partial void ClockStepped(ILogger logger, TimeSpan step);

        [LoggerMessage(EventIds.AttemptFault, LogLevel.Error, "{QueueId}: an attempt to deliver it failed for a fault of our own: {Reason}")]
        public static partial void AttemptFault(ILogger logger, QueueId queueId, string reason, Exception fault);

        [LoggerMessage(EventIds.SmarthostRests, LogLevel.Warning, "{Smarthost} is left alone for {Pause} ({Trouble}): {Reply}")]
        public static partial void SmarthostRests(ILogger logger, string smarthost, TimeSpan pause, RestReason trouble, SmtpReply reply);

        [LoggerMessage(
            EventIds.SmarthostNeedsAPerson,
            LogLevel.Error,
            "{Smarthost}: {Trouble}, somebody has to see to it. All mail is kept; the next try is in {Pause}: {Reply}")]
        public static partial void SmarthostNeedsAPerson(
            ILogger logger, string smarthost, RestReason trouble, TimeSpan pause, SmtpReply reply);

        [LoggerMessage(EventIds.SmarthostAnswers, LogLevel.Information, "{Smarthost} takes mail again, after trouble: {Trouble}")]
        public static partial void SmarthostAnswers(ILogger logger, string smarthost, RestReason trouble);

        [LoggerMessage(EventIds.DeliveryStopped, LogLevel.Information, "Delivery has stopped; {InHand} messages were left in the middle")]
        public static partial void DeliveryStopped(ILogger logger, int inHand);
    }
}
