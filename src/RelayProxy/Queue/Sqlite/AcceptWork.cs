using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>Puts one message into the queue.</summary>
/// <param name="lease">The lease it comes back with; <c>null</c> if it is to wait for its turn.</param>
internal sealed class AcceptWork(SqlitePreparedMessage message, QueueLease? lease) : WriteWork<CommitResult>
{
    public override long Octets => message.BodyRow.Length;

    public override bool TakesMail => true;

    public override IEnumerable<QueueId> NewMessages => [message.Id];

    public override void Run(Ledger ledger) => ledger.Messages.Insert(message, lease?.Token ?? 0, lease?.Until.UtcTicks);

    public override void Committed()
    {
        message.Committed();
        Finish(new CommitResult(CommitStatus.Committed, lease));
    }

    public override void Failed(CommitStatus status, string reason) => Finish(new CommitResult(status, Lease: null, reason));
}
