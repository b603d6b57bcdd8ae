namespace RelayProxy.Smtp;

/// <summary>
/// A bound on waiting, on a clock that tests can move. One timer, started anew for each wait; when the bound passes or
/// the outer token is cancelled, <see cref="Token"/> is cancelled, and <see cref="Passed"/> tells which it was.
/// </summary>
internal sealed class Deadline : IDisposable
{
    private readonly TimeProvider _clock;
    private readonly CancellationToken _outer;
    private readonly CancellationTokenSource _source;
    private ITimer? _timer;

    public Deadline(TimeProvider clock, CancellationToken outer)
    {
        _clock = clock;
        _outer = outer;
        _source = CancellationTokenSource.CreateLinkedTokenSource(outer);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>The bound has passed (and it was not the outer token).</summary>
    public bool Passed { get; private set; }

    /// <summary>Starts, or starts anew. After the bound has passed once, the deadline stays passed.</summary>
    public void Start(TimeSpan bound)
    {
        if (_timer is null)
        {
            _timer = _clock.CreateTimer(static state => ((Deadline)state!).Pass(), this, bound, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(bound, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>No bound for now.</summary>
    public void Stop() => _timer?.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _timer?.Dispose();
        _source.Dispose();
    }

    private void Pass()
    {
        if (_outer.IsCancellationRequested)
        {
            return;
        }

        Passed = true;
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The wait ended while the timer fired.
        }
    }
}
