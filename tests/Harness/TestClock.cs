namespace RelayProxy.Harness;

/// <summary>
/// A clock that only moves when a test moves it. Timers fire on the thread that calls <see cref="Advance"/>, in the order in
/// which they fall due, each with the clock at its own due time.
/// </summary>
internal sealed class TestClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<TestTimer> _timers = [];
    private readonly List<(TimeSpan Bound, TaskCompletionSource Set)> _expected = [];
    private DateTimeOffset _now;
    private TimeSpan _stepped;
    private long _order;

    public TestClock()
        : this(new DateTimeOffset(2026, 11, 22, 5, 0, 0, TimeSpan.Zero))
    {
    }

    public TestClock(DateTimeOffset now) => _now = now;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>How many timers are set: something waits.</summary>
    public int Pending
    {
        get
        {
            lock (_gate)
            {
                return _timers.Count;
            }
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    /// <summary>Monotonic: <see cref="SetUtcNow"/> does not move it.</summary>
    public override long GetTimestamp()
    {
        lock (_gate)
        {
            return (_now - _stepped).UtcTicks;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new TestTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Ends when a timer is set, or was, that runs for exactly this long: what a test is about to outwait has begun to wait.</summary>
    public async Task WaitsForAsync(TimeSpan bound)
    {
        var set = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_timers.Exists(timer => timer.Bound == bound))
            {
                return;
            }

            _expected.Add((bound, set));
        }

        await set.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>Moves time on, and fires what falls due on the way.</summary>
    public void Advance(TimeSpan by)
    {
        DateTimeOffset until = GetUtcNow() + by;
        while (true)
        {
            TestTimer? next;
            lock (_gate)
            {
                next = _timers.Where(timer => timer.Due <= until).MinBy(timer => (timer.Due, timer.Order));
                if (next is null)
                {
                    _now = until;
                    return;
                }

                _now = next.Due > _now ? next.Due : _now;
                next.Took();
            }

            next.Fire();
        }
    }

    /// <summary>Sets the wall clock alone, as an administrator or NTP does; timers do not notice.</summary>
    public void SetUtcNow(DateTimeOffset now)
    {
        lock (_gate)
        {
            TimeSpan step = now - _now;
            _now = now;
            _stepped += step;
            foreach (TestTimer timer in _timers)
            {
                timer.Due += step;
            }
        }
    }

    private sealed class TestTimer(TestClock clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period = Timeout.InfiniteTimeSpan;

        public DateTimeOffset Due { get; set; }

        public long Order { get; private set; }

        /// <summary>How long it was set for.</summary>
        public TimeSpan Bound { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                _period = period;
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    Due = clock._now + (dueTime > TimeSpan.Zero ? dueTime : TimeSpan.Zero);
                    Order = clock._order++;
                    Bound = dueTime;
                    clock._timers.Add(this);
                    foreach ((TimeSpan bound, TaskCompletionSource set) in clock._expected)
                    {
                        if (bound == dueTime)
                        {
                            set.TrySetResult();
                        }
                    }
                }

                return true;
            }
        }

        /// <summary>Called under the gate when the timer is about to fire.</summary>
        public void Took()
        {
            clock._timers.Remove(this);
            if (_period > TimeSpan.Zero)
            {
                Due += _period;
                Order = clock._order++;
                clock._timers.Add(this);
            }
        }

        public void Fire() => callback(state);

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
