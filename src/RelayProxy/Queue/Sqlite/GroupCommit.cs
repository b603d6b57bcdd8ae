using Microsoft.Extensions.Logging;
using RelayProxy.Mail;
using RelayProxy.Telemetry;

namespace RelayProxy.Queue.Sqlite;

/// <summary>
/// The one writer: a thread that runs everything that has come in since it last looked as one transaction, so that many sessions
/// share one sync of the disk. Nothing is answered before that sync has succeeded. After one that failed no mail is taken in until
/// a probe has been written, synced and read back.
/// </summary>
internal sealed partial class GroupCommit : IDisposable
{
    private static readonly TimeSpan s_probePause = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly StoreProbe _probe;
    private readonly Action<string>? _mend;
    private readonly RelayMetrics? _metrics;
    private readonly Checkpoints _checkpoints = new();
    private readonly LogRoom _logRoom;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly ITimer _probeTimer;
    private readonly WorkQueue _work = new();

    // The writer's own.
    private readonly List<WriteWork> _group = [];
    private readonly List<WriteWork> _ran = [];
    private readonly List<QueueId> _refused = [];
    private readonly List<WriteWork> _abandoned = [];
    private string? _damage;

    /// <summary>None while the database is being mended, or could not be.</summary>
    private Ledger? _ledger;

    private volatile StoreHealth _trouble = StoreHealth.Ready;

    /// <param name="mend">Mends a damaged database while no connection of this is open; <c>null</c> if it is not ours to mend.</param>
    /// <exception cref="SqliteFault">The database cannot be opened.</exception>
    public GroupCommit(string path, StoreProbe probe, Action<string>? mend, RelayMetrics? metrics, TimeProvider clock, ILogger logger)
    {
        _path = path;
        _probe = probe;
        _mend = mend;
        _metrics = metrics;
        _logger = logger;
        _logRoom = new LogRoom(path);
        _ledger = new Ledger(path);
        _probeTimer = clock.CreateTimer(_ => _work.WantProbe(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _thread = new Thread(Write) { IsBackground = true, Name = "queue writer" };
        _thread.Start();
    }

    /// <summary>Not <see cref="StoreHealth.Ready"/> from a failed write until a probe has succeeded.</summary>
    public StoreHealth Trouble => _trouble;

    /// <summary>Hands in work. It is told how it went, always.</summary>
    public void Add(WriteWork work)
    {
        if (!_work.TryAdd(work))
        {
            work.Failed(CommitStatus.Failed, "the store is closed");
        }
    }

    /// <summary>Finishes what has been handed in, and closes the database.</summary>
    public void Dispose()
    {
        if (!_work.Close())
        {
            return;
        }

        _thread.Join();
        _probeTimer.Dispose();
        _ledger?.Dispose();
    }

    private void Write()
    {
        while (_work.Take(_group, out bool probe))
        {
            if (probe)
            {
                MendIfDamaged();
                Probe();
            }

            if (_group.Count > 0 && _ledger is null)
            {
                FailGroup(CommitStatus.Failed, "the database is damaged");
            }
            else if (_group.Count > 0)
            {
                RunGroup(_ledger!);
            }

            if (_group.Count > 0 && _ledger is not null)
            {
                _checkpoints.AfterGroup(_ledger.Database, _logger);
                if (_trouble == StoreHealth.Ready && _work.IsEmpty)
                {
                    _logRoom.Step(_ledger, _checkpoints.Pages);
                }
            }
        }
    }

    private void RunGroup(Ledger ledger)
    {
        _ran.Clear();
        try
        {
            ledger.Begin();
            TakeBackRefused(ledger);
            foreach (WriteWork work in _group)
            {
                if (RunOne(ledger, work))
                {
                    _ran.Add(work);
                }
            }

            ledger.Commit();
        }
        catch (SqliteFault fault) when (fault.IsBusy)
        {
            // Somebody else's transaction will not end. Nothing was written, so nothing is wrong with the disk.
            FailGroup(CommitStatus.Failed, $"the database is locked by another process: {fault.Message}");
            return;
        }
        catch (Exception error)
        {
            GroupFailed(error);
            return;
        }

        RefusedAreGone();
        _metrics?.Committed(_ran.Count);
        foreach (WriteWork work in _ran)
        {
            work.Committed();
            if (work.IsAbandoned)
            {
                _refused.AddRange(work.NewMessages);
                _abandoned.Add(work);
            }
        }
    }

    /// <summary>Runs one piece of work; false if it failed by itself and the others may go on.</summary>
    private bool RunOne(Ledger ledger, WriteWork work)
    {
        if (work.TakesMail && _trouble != StoreHealth.Ready)
        {
            work.Failed(StatusOf(_trouble), "the store has failed, and no probe has succeeded since");
            return false;
        }

        int changesBefore = ledger.Database.TotalChanges;
        bool marked = work.MayFailHalfway;
        if (marked)
        {
            ledger.Mark();
        }

        try
        {
            work.Run(ledger);
        }
        catch (SqliteFault fault) when (fault.IsConstraint && (marked || ledger.Database.TotalChanges == changesBefore))
        {
            if (marked)
            {
                ledger.Undo();
            }

            work.Failed(CommitStatus.Failed, fault.Message);
            return false;
        }

        if (marked)
        {
            ledger.Unmark();
        }

        return true;
    }

    private void FailGroup(CommitStatus status, string reason)
    {
        TryRollback();
        foreach (WriteWork work in _group)
        {
            // Those that failed alone have been told; telling them again changes nothing.
            work.Failed(status, reason);
        }
    }
}
