namespace RelayProxy.Delivery;

/// <summary>Tasks that run by themselves, and the possibility to wait for the last of them.</summary>
internal sealed class RunningTasks
{
    private readonly Lock _gate = new();
    private int _running;
    private TaskCompletionSource _none = Completed();

    public void Start(Func<Task> work)
    {
        lock (_gate)
        {
            if (_running++ == 0)
            {
                _none = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        _ = Task.Run(async () =>
        {
            try
            {
                await work().ConfigureAwait(false);
            }
            finally
            {
                Ended();
            }
        });
    }

    /// <summary>Ends when nothing runs.</summary>
    public Task WhenNone()
    {
        lock (_gate)
        {
            return _none.Task;
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
