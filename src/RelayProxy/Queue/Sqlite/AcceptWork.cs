using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>Puts one message into the queue.</summary>
/// <param name="lease">The lease it comes back with; <c>null</c> if it is to wait for its turn.</param>
internal sealed class AcceptWork(SqlitePreparedMessage message, QueueLease? lease) : WriteWork<CommitResult>
{
    private const int Open = 0;
    private const int Told = 1;
    private const int Abandoned = 2;

    private int _state = Open;

    public override long Octets => message.BodyRow.Length;

    public override bool TakesMail => true;

    public override bool IsAbandoned => Volatile.Read(ref _state) == Abandoned;

    public override IEnumerable<QueueId> NewMessages => [message.Id];

    /// <summary>The client is told that its message was not taken. False if it has been decided already.</summary>
    public bool TryAbandon()
    {
        if (Interlocked.CompareExchange(ref _state, Abandoned, Open) != Open)
        {
            return false;
        }

        message.Leave();
        return true;
    }

    public override void Run(Ledger ledger)
    {
        if (!IsAbandoned)
        {
            ledger.Messages.Insert(message, lease?.Token ?? 0, lease?.Until.UtcTicks);
        }
    }

    public override void Committed()
    {
        if (TryTell())
        {
            message.Committed();
            Finish(new CommitResult(CommitStatus.Committed, lease));
        }
    }

    public override void Failed(CommitStatus status, string reason)
    {
        if (TryTell())
        {
            Finish(new CommitResult(status, Lease: null, reason));
        }
        else if (IsAbandoned)
        {
            message.Discard();
        }
    }

    public override void TakenBack() => message.Discard();

    private bool TryTell() => Interlocked.CompareExchange(ref _state, Told, Open) == Open;
}
