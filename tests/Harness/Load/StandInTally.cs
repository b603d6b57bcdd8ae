namespace RelayProxy.Harness.Load;

/// <summary>What all connections to the stand-in have in common: how many messages came, when the last one did, and how far away it plays to be.</summary>
internal sealed class StandInTally
{
    private readonly object _gate = new();
    private long _total;
    private long _awaited = long.MaxValue;
    private long _latencyTicks;
    private DateTime _lastArrival;

    /// <summary>How long each group of replies is held back.</summary>
    public TimeSpan Latency
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _latencyTicks));
        set => Volatile.Write(ref _latencyTicks, value.Ticks);
    }

    public long Total
    {
        get
        {
            lock (_gate)
            {
                return _total;
            }
        }
    }

    /// <summary>So many messages have been confirmed just now.</summary>
    public void Add(int messages)
    {
        DateTime now = DateTime.UtcNow;
        lock (_gate)
        {
            _total += messages;
            _lastArrival = now;
            if (_total >= _awaited)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Waits until so many have come.</summary>
    /// <returns>When the last one came (UTC).</returns>
    public DateTime WaitFor(long total)
    {
        lock (_gate)
        {
            _awaited = total;
            while (_total < total)
            {
                Monitor.Wait(_gate);
            }

            _awaited = long.MaxValue;
            return _lastArrival;
        }
    }
}
