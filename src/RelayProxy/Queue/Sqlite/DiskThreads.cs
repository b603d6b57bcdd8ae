using RelayProxy.Smtp;

namespace RelayProxy.Queue.Sqlite;

/// <summary>
/// Threads for calls that block for as long as the disk likes: on one that hangs (a frozen file system, a server that is away) they stand still, and
/// nobody else does. Made when needed, gone when idle.
/// </summary>
/// <param name="patience">How long somebody waits for a call.</param>
internal sealed class DiskThreads(Func<TimeSpan> patience, TimeProvider clock) : TaskScheduler
{
    private const int MostThreads = 16;

    /// <summary>Nobody calls twice before the first call has ended, so there are never more of them than sessions; unless they gave up waiting.</summary>
    private const int MostCalls = 1000;

    private static readonly TimeSpan s_idleFor = TimeSpan.FromSeconds(10);

    // A monitor, because threads wait on it.
    private readonly object _gate = new();
    private readonly Queue<Task> _calls = new();
    private int _threads;
    private int _idle;

    public override int MaximumConcurrencyLevel => MostThreads;

    /// <summary>What is said of a disk that did not answer in time.</summary>
    public string Hanging => $"the disk has not answered for {patience().TotalSeconds:0} s";

    /// <summary>Calls the disk.</summary>
    /// <exception cref="IOException">So many calls hang already that this one is not made.</exception>
    public Task CallAsync(Action call)
    {
        lock (_gate)
        {
            if (_calls.Count >= MostCalls)
            {
                throw new IOException(Hanging);
            }
        }

        return Task.Factory.StartNew(call, CancellationToken.None, TaskCreationOptions.DenyChildAttach, this);
    }

    /// <summary>Waits for a call, or until it takes too long; it is still under way then.</summary>
    /// <exception cref="IOException">The call has failed, or the disk hangs.</exception>
    public async Task PatientlyAsync(Task call, CancellationToken cancellationToken)
    {
        try
        {
            await call.WaitAsync(patience(), clock, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new IOException(Hanging);
        }
        finally
        {
            if (!call.IsCompleted)
            {
                call.Abandon();
            }
        }
    }

    protected override void QueueTask(Task task)
    {
        lock (_gate)
        {
            _calls.Enqueue(task);
            Monitor.Pulse(_gate);
            if (_calls.Count <= _idle || _threads == MostThreads)
            {
                return;
            }

            _threads++;
        }

        new Thread(Work) { IsBackground = true, Name = "queue disk" }.Start();
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate)
        {
            return [.. _calls];
        }
    }

    private void Work()
    {
        while (TryTake(out Task? call))
        {
            TryExecuteTask(call!);
        }
    }

    /// <returns>False if there was nothing to do for a while: this thread ends.</returns>
    private bool TryTake(out Task? call)
    {
        lock (_gate)
        {
            bool isCalled = true;
            while (!_calls.TryDequeue(out call))
            {
                if (!isCalled)
                {
                    _threads--;
                    return false;
                }

                _idle++;
                isCalled = Monitor.Wait(_gate, s_idleFor);
                _idle--;
            }

            return true;
        }
    }
}
