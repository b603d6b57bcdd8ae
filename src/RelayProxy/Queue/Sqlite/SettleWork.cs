using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>Writes down what became of a lease.</summary>
internal sealed class SettleWork(Settlement settlement) : WriteWork<SettleResult>
{
    private SettleResult _result;

    /// <summary>The message is gone, and a file of its octets may be.</summary>
    public bool MessageGone { get; private set; }

    /// <summary>The connection sends the next message already. What is said of the next one that comes in is synced together with this.</summary>
    public override bool MayWait => true;

    public override bool MayFailHalfway => settlement.Reports.Count > 0;

    public override IEnumerable<QueueId> NewMessages => settlement.Reports.Select(report => report.Id);

    public override void Run(Ledger ledger)
    {
        QueueLease lease = settlement.Lease;
        MessageRow? row = ledger.Messages.Find(lease.Message.Id);
        if (row?.Recipients is not { } stored || row.LeaseToken != lease.Token)
        {
            // What was said and done upstream is still true, and worth knowing. Settled twice, it is known already.
            _result = SettleResult.LeaseLost;
            foreach (HistoryEntry entry in settlement.History)
            {
                ledger.History.AddOnce(entry);
            }

            return;
        }

        _result = SettleResult.Settled;
        StoredRecipients settled = Merge(stored);
        if (Standing.Of(settled).IsOpen)
        {
            ledger.Messages.Update(row, settled, leaseToken: 0, leaseUntil: null);
        }
        else
        {
            ledger.Messages.Delete(row);
            MessageGone = true;
        }

        foreach (HistoryEntry entry in settlement.History)
        {
            ledger.History.Add(entry);
        }

        foreach (PreparedMessage report in settlement.Reports)
        {
            ledger.Messages.Insert((SqlitePreparedMessage)report, leaseToken: 0, leaseUntil: null);
        }
    }

    public override void Committed()
    {
        if (_result == SettleResult.Settled)
        {
            foreach (PreparedMessage report in settlement.Reports)
            {
                ((SqlitePreparedMessage)report).Committed();
            }
        }

        Finish(_result);
    }

    public override void Failed(CommitStatus status, string reason)
    {
        MessageGone = false;
        Finish(SettleResult.Failed);
    }

    private StoredRecipients Merge(StoredRecipients stored)
    {
        foreach (RecipientSettlement outcome in settlement.Recipients)
        {
            QueuedRecipient before = stored.Recipients[outcome.Ordinal];

            // What was delivered is delivered. But who was put on hold meanwhile does not wait again for having been tried.
            bool final = outcome.State is RecipientState.Delivered or RecipientState.Bounced;
            stored.Recipients[outcome.Ordinal] = before with
            {
                State = final || before.State == RecipientState.Waiting ? outcome.State : before.State,
                Attempts = outcome.Attempts,
                NextAttempt = outcome.NextAttempt,
                LastReply = outcome.LastReply,
                MayHaveBeenDelivered = before.MayHaveBeenDelivered || outcome.MayHaveBeenDelivered,
            };
        }

        return settlement.DelayNoticeDone ? stored with { DelayNoticeAt = null } : stored;
    }
}
