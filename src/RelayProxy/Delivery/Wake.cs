namespace RelayProxy.Delivery;

/// <summary>Lets one loop sleep until somebody has something for it, or the clock says so. Calls that come while it is awake are kept:
/// it then does not sleep.</summary>
internal sealed class Wake : IDisposable
{
    private readonly ITimer _timer;
    private volatile TaskCompletionSource _called = New();

    public Wake(TimeProvider clock) =>
        _timer = clock.CreateTimer(static state => ((Wake)state!).Call(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

    public void Call() => _called.TrySetResult();

    /// <summary>For one waiter at a time.</summary>
    public async Task WaitAsync(TimeSpan longest)
    {
        TaskCompletionSource called = _called;
        if (longest > TimeSpan.Zero && !called.Task.IsCompleted)
        {
            _timer.Change(longest, Timeout.InfiniteTimeSpan);
            await called.Task.ConfigureAwait(false);
            _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        // Calls from here on belong to the next wait: whoever made one before had its news in place already.
        if (called.Task.IsCompleted)
        {
            _called = New();
        }
    }

    public void Dispose() => _timer.Dispose();

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
