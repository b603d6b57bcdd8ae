using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>One thing to write. Many are written in one transaction, each as if it were alone (<see cref="GroupCommit"/>).</summary>
internal abstract class WriteWork
{
    /// <summary>Roughly how many octets it writes: a group is not to grow without bound.</summary>
    public virtual long Octets => 0;

    /// <summary>Nobody is kept waiting by it: it may wait a moment to be written together with something else.</summary>
    public virtual bool MayWait => false;

    /// <summary>It puts new mail into the queue on behalf of a client: refused while the store is in trouble.</summary>
    public virtual bool TakesMail => false;

    /// <summary>It writes several things that hold together or not at all, and one of them may be refused by itself.</summary>
    public virtual bool MayFailHalfway => false;

    /// <summary>The messages that it would put into the queue.</summary>
    public virtual IEnumerable<QueueId> NewMessages => [];

    /// <summary>Nobody waits for it any more, having been told that it failed: if it is written all the same, that is taken back.</summary>
    public virtual bool IsAbandoned => false;

    /// <summary>Writes. On the writer's thread, inside the group's transaction; nothing is final before <see cref="Committed"/>.</summary>
    public abstract void Run(Ledger ledger);

    /// <summary>What it wrote is on disk.</summary>
    public abstract void Committed();

    /// <summary>Nothing of it was written, or ever will have been.</summary>
    public abstract void Failed(CommitStatus status, string reason);

    /// <summary>It was abandoned and written, and has been taken back.</summary>
    public virtual void TakenBack()
    {
    }
}

/// <summary>Work that somebody waits for.</summary>
internal abstract class WriteWork<T> : WriteWork
{
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<T> Done => _done.Task;

    protected void Finish(T result) => _done.TrySetResult(result);
}
