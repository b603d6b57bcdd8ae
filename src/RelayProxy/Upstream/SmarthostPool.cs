using Microsoft.Extensions.Logging;
using RelayProxy.Telemetry;

namespace RelayProxy.Upstream;

/// <summary>
/// The connections to one smarthost: opened on demand up to <see cref="SmarthostOptions.MaxConnections"/>, tested before they are used
/// again, retired by age, count and change of settings. Open connections, idle ones among them, are never more than that number.
/// </summary>
internal sealed partial class SmarthostPool : IAsyncDisposable
{
    private readonly Func<SmarthostOptions> _options;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly SmarthostConnector _connector;
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private readonly List<Idle> _idle = [];
    private readonly ITimer _idleTimer;
    private SmarthostOptions _current = new();
    private int _taken;

    /// <summary>Of the places taken, those that have not yet found an idle connection, or found that there is none.</summary>
    private int _undecided;
    private bool _disposed;

    public SmarthostPool(Func<SmarthostOptions> options, IDialer dialer, TimeProvider clock, ILogger logger, RelayMetrics? metrics = null)
    {
        _options = options;
        _clock = clock;
        _logger = logger;
        _connector = new SmarthostConnector(dialer, clock, logger, metrics);
        _idleTimer = clock.CreateTimer(
            static pool => _ = ((SmarthostPool)pool!).CloseOverdueAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>How many connections are used or being opened, and how many wait to be used again.</summary>
    public (int Active, int Idle) Connections
    {
        get
        {
            lock (_gate)
            {
                return (_taken, _idle.Count);
            }
        }
    }

    /// <summary>Of the session opened last; <c>null</c> without one, or without TLS.</summary>
    public DateTimeOffset? CertificateExpires => _connector.CertificateExpires;

    /// <summary>
    /// A tested idle connection or a fresh one, authenticated and ready for MAIL; or why there is none. Waits while all connections are in
    /// use. What it returns is given back with <see cref="ReleaseAsync"/>.
    /// </summary>
    public ValueTask<(SmarthostConnection? Connection, SessionFailure? Failure)> AcquireAsync(CancellationToken cancellationToken) =>
        AcquireAsync(fresh: false, cancellationToken);

    /// <summary>As <see cref="AcquireAsync(CancellationToken)"/>, but never an idle one: a reused connection has just turned out to be no
    /// good, and the others may be no better.</summary>
    public ValueTask<(SmarthostConnection? Connection, SessionFailure? Failure)> AcquireFreshAsync(CancellationToken cancellationToken) =>
        AcquireAsync(fresh: true, cancellationToken);

    /// <summary>Whether a connection was opened with the settings as they are now.</summary>
    public bool IsCurrent(SmarthostConnection connection) => ReferenceEquals(connection.Options, Refresh());

    /// <summary>Takes a connection back for reuse, or closes it if it is not fit for that.</summary>
    public async ValueTask ReleaseAsync(SmarthostConnection connection)
    {
        SmarthostOptions options = Refresh();
        bool keep = !connection.IsBroken
            && options.IdleClose > TimeSpan.Zero
            && (options.MaxMessagesPerConnection == 0 || connection.Messages < options.MaxMessagesPerConnection)
            && ReferenceEquals(connection.Options, options)
            && connection.TryPark();
        if (keep)
        {
            lock (_gate)
            {
                keep = !_disposed && _taken - _undecided + _idle.Count <= options.MaxConnections;
                if (keep)
                {
                    // Idle and given back at once: counted twice, it would have another one closed for one too many.
                    _idle.Add(new Idle(connection, _clock.GetTimestamp()));
                    connection.GiveBack();
                    SetTimer(options);
                }
            }
        }

        if (!keep)
        {
            // Closed before its place is given away: smarthosts count connections.
            await connection.DisposeAsync();
        }
    }

    /// <summary>Closes the connections that nobody uses: the relay has nothing to send, or is being stopped.</summary>
    public Task CloseIdleAsync() => CloseIdleAsync(Refresh(), static _ => true);

    /// <summary>Says QUIT on what is idle and lets nobody in any more. Connections in use are closed as they are released.</summary>
    public async ValueTask DisposeAsync()
    {
        Waiter[] waiting;
        lock (_gate)
        {
            _disposed = true;
            waiting = [.. _waiters];
            _waiters.Clear();
        }

        foreach (Waiter waiter in waiting)
        {
            waiter.TrySetCanceled();
        }

        await _idleTimer.DisposeAsync();
        await CloseIdleAsync();
    }

    private async ValueTask<(SmarthostConnection? Connection, SessionFailure? Failure)> AcquireAsync(bool fresh, CancellationToken cancellationToken)
    {
        SmarthostOptions options = await TakePlaceAsync(cancellationToken);
        SmarthostConnection? connection = null;
        bool decided = false;
        try
        {
            while (TakeIdle(ref decided, out Idle idle))
            {
                if (!fresh && connection is null && ReferenceEquals(idle.Connection.Options, options) && !idle.Connection.HasUnsolicited())
                {
                    connection = idle.Connection;
                    break;
                }

                Log.IdleRetired(_logger, idle.Connection.Smarthost);
                await idle.Connection.DisposeAsync();
            }

            SessionFailure? failure = null;
            if (connection is null)
            {
                (connection, failure) = await _connector.OpenAsync(options, cancellationToken);
            }

            // Whoever closes it instead of releasing it gives its place back all the same.
            connection?.OnGivenBack(GivePlaceBack);
            return (connection, failure);
        }
        finally
        {
            if (connection is null)
            {
                GivePlaceBack();
            }
        }
    }

    /// <summary>The settings as they are now; the same instance for as long as they do not change.</summary>
    private SmarthostOptions Refresh()
    {
        SmarthostOptions options = _options();
        lock (_gate)
        {
            if (SmarthostChange.Between(_current, options))
            {
                _current = options.Snapshot();
                _connector.Forget();
            }

            return _current;
        }
    }

    private async ValueTask<SmarthostOptions> TakePlaceAsync(CancellationToken cancellationToken)
    {
        SmarthostOptions options = Refresh();
        Waiter waiter;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_taken < options.MaxConnections)
            {
                _taken++;
                _undecided++;
                return options;
            }

            waiter = new Waiter();
            _waiters.AddLast(waiter);
        }

        await using (cancellationToken.UnsafeRegister(static (state, token) => ((Waiter)state!).TrySetCanceled(token), waiter))
        {
            await waiter.Task;
        }

        return Refresh();
    }

    /// <summary>The place goes to whoever has waited longest, unless there are fewer places now.</summary>
    private void GivePlaceBack()
    {
        SmarthostOptions options = Refresh();
        lock (_gate)
        {
            _taken--;
            while (_taken < options.MaxConnections && _waiters.First is { } first)
            {
                _waiters.RemoveFirst();
                if (first.Value.TrySetResult())
                {
                    _taken++;
                    _undecided++;
                }
            }
        }
    }

    /// <summary>The one used last: the others then grow old and are closed.</summary>
    private bool TakeIdle(ref bool decided, out Idle idle)
    {
        lock (_gate)
        {
            _undecided -= decided ? 0 : 1;
            decided = true;
            idle = _idle.Count > 0 ? _idle[^1] : default;
            if (_idle.Count == 0)
            {
                return false;
            }

            _idle.RemoveAt(_idle.Count - 1);
            return true;
        }
    }

    private Task CloseOverdueAsync()
    {
        SmarthostOptions options = Refresh();
        return CloseIdleAsync(options, idle => _clock.GetElapsedTime(idle.Since) >= options.IdleClose);
    }

    private async Task CloseIdleAsync(SmarthostOptions options, Predicate<Idle> which)
    {
        List<Idle> closing;
        lock (_gate)
        {
            closing = _idle.FindAll(which);
            _idle.RemoveAll(closing.Contains);
            foreach (Idle idle in closing)
            {
                // It has a place again until it is closed: smarthosts count connections.
                _taken++;
                idle.Connection.OnGivenBack(GivePlaceBack);
            }

            SetTimer(options);
        }

        foreach (Idle idle in closing)
        {
            await idle.Connection.DisposeAsync();
        }
    }

    /// <summary>For the one that has been idle longest; the list is in that order.</summary>
    private void SetTimer(SmarthostOptions options)
    {
        if (_idle.Count > 0 && !_disposed)
        {
            TimeSpan left = options.IdleClose - _clock.GetElapsedTime(_idle[0].Since);
            _idleTimer.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
        }
    }

    private readonly record struct Idle(SmarthostConnection Connection, long Since);

    private sealed class Waiter() : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    private static partial class Log
    {
        [LoggerMessage(EventIds.IdleConnectionRetired, LogLevel.Debug, "{Smarthost}: an idle connection was no longer fit for use")]
        public static partial void IdleRetired(ILogger logger, string smarthost);
    }
}
