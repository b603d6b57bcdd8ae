namespace RelayProxy.Delivery;

/// <summary>Tasks that run by themselves, and the possibility to wait for the last of them.</summary>
internal sealed class RunningTasks
{
    private readonly Lock _gate = new();
    private int _running;
    private TaskCompletionSource _none = Completed();

    /// <summary>Runs on a thread of its own; the caller goes on at once.</summary>
    public void Start(Func<Task> work)
    {
        Began();
        _ = Task.Run(() => RunAsync(work));
    }

    /// <summary>Runs on the caller's thread as far as it gets without waiting.</summary>
    public void StartHere(Func<Task> work)
    {
        Began();
        _ = RunAsync(work);
    }

    /// <summary>Ends when nothing runs.</summary>
    public Task WhenNone()
    {
        lock (_gate)
        {
            return _none.Task;
        }
    }

    private async Task RunAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        finally
        {
            Ended();
        }
    }

    private void Began()
    {
        lock (_gate)
        {
            if (_running++ == 0)
            {
                _none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private void Ended()
    {
        lock (_gate)
        {
            if (--_running == 0)
            {
                _none.SetResult();
            }
        }
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
