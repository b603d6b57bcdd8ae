using Microsoft.Extensions.Logging;
using RelayProxy.Mail;
using RelayProxy.Telemetry;

namespace RelayProxy.Queue.Sqlite;

// What is done when a write has failed, and until the store is well again.
internal sealed partial class GroupCommit
{
    /// <summary>A write elsewhere in the store's folder has failed.</summary>
    public void ReportFailure(IOException error) =>
        EnterTrouble(DurableFile.IsFull(error) ? StoreHealth.Full : StoreHealth.Suspect, error.Message);

    /// <summary>Somebody has waited too long: no mail is taken before the disk has gone on, and what was refused meanwhile is taken back first.</summary>
    public void ReportHanging(string reason)
    {
        EnterTrouble(StoreHealth.Suspect, reason);
        _work.WantProbe();
    }

    /// <summary>Something that was read shows that the database is damaged.</summary>
    public void ReportDamage(string damage)
    {
        if (_mend is not null)
        {
            EnterTrouble(StoreHealth.Suspect, damage);
            Interlocked.CompareExchange(ref _damage, damage, null);
            _work.WantProbe();
        }
    }

    private void GroupFailed(Exception error)
    {
        bool full = error is SqliteFault { IsFull: true };
        TryRollback();

        // A COMMIT that reported an error may have left its pages whole in the log, and a crash now would bring them back to life.
        // So before anybody hears that the mail was refused, another transaction is written over them; and whenever that
        // succeeds, it also deletes what might be there all the same.
        foreach (WriteWork work in _ran)
        {
            _refused.AddRange(work.NewMessages);
        }

        EnterTrouble(full ? StoreHealth.Full : StoreHealth.Suspect, error.Message);
        if (error is SqliteFault { IsDamage: true })
        {
            _damage ??= error.Message;
        }

        MendIfDamaged();
        Probe();
        FailGroup(full ? CommitStatus.Full : CommitStatus.Failed, error.Message);
    }

    private void TakeBackRefused(Ledger ledger)
    {
        foreach (QueueId id in _refused)
        {
            if (ledger.Messages.Find(id) is { } row)
            {
                ledger.Messages.Delete(row);
            }
        }
    }

    /// <summary>A transaction that took them back is on disk.</summary>
    private void RefusedAreGone()
    {
        _refused.Clear();
        _abandoned.ForEach(work => work.TakenBack());
        _abandoned.Clear();
    }

    private void EnterTrouble(StoreHealth trouble, string reason)
    {
        if (_trouble == StoreHealth.Ready)
        {
            if (trouble == StoreHealth.Full)
            {
                Log.Full(_logger, _path, reason);
            }
            else
            {
                Log.Failed(_logger, _path, reason);
            }
        }

        _trouble = trouble;
        _probeTimer.Change(s_probePause, s_probePause);
    }

    private void Probe()
    {
        if (_trouble == StoreHealth.Ready || _ledger is not { } ledger)
        {
            return;
        }

        try
        {
            long value = StoreProbe.NextValue();
            ledger.Begin();
            TakeBackRefused(ledger);
            ledger.WriteProbe(value);
            ledger.Commit();
            RefusedAreGone();
            _probe.Verify(value);
        }
        catch (Exception error) when (error is SqliteFault or IOException or UnauthorizedAccessException)
        {
            TryRollback();
            Reopen();
            return;
        }

        _probeTimer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _trouble = StoreHealth.Ready;
        Log.Well(_logger, _path);
    }

    /// <summary>A new connection, in case the old one is what is wrong. The old one is closed after, never before: the last connection
    /// to close would take the shared memory with it that says which pages of the log were never committed.</summary>
    private void Reopen()
    {
        try
        {
            Ledger? old = _ledger;
            _ledger = new Ledger(_path);
            old?.Dispose();
        }
        catch (SqliteFault)
        {
            // The next probe tries again.
        }
    }

    /// <summary>With the connection closed: everything that can be read is carried over into a new database.</summary>
    private void MendIfDamaged()
    {
        if (Volatile.Read(ref _damage) is not { } damage || _mend is null)
        {
            return;
        }

        _ledger?.Dispose();
        _ledger = null;
        try
        {
            _mend(damage);
            _ledger = new Ledger(_path);
            Volatile.Write(ref _damage, null);
        }
        catch (Exception error) when (error is SqliteFault or IOException or UnauthorizedAccessException or QueueUnavailableException)
        {
            // Tried again with the next probe.
            Log.NotMended(_logger, _path, error.Message);
        }
    }

    private void TryRollback()
    {
        try
        {
            _ledger?.Rollback();
        }
        catch (SqliteFault)
        {
            // The next probe opens a new connection.
        }
    }

    private static CommitStatus StatusOf(StoreHealth trouble) =>
        trouble == StoreHealth.Full ? CommitStatus.Full : CommitStatus.Failed;

    private static partial class Log
    {
        [LoggerMessage(EventIds.StoreFailed, LogLevel.Error, "{Path}: the queue cannot be written, mail is refused until it can: {Reason}")]
        public static partial void Failed(ILogger logger, string path, string reason);

        [LoggerMessage(EventIds.StoreFull, LogLevel.Error, "{Path}: no room for the queue, mail is refused until there is: {Reason}")]
        public static partial void Full(ILogger logger, string path, string reason);

        [LoggerMessage(EventIds.StoreNotMended, LogLevel.Error, "{Path}: the damaged queue could not be mended, which will be tried again: {Reason}")]
        public static partial void NotMended(ILogger logger, string path, string reason);

        [LoggerMessage(EventIds.StoreWell, LogLevel.Information, "{Path}: the queue can be written again")]
        public static partial void Well(ILogger logger, string path);
    }
}
