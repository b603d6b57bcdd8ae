using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>Does what an operator asked to a few messages.</summary>
internal sealed class ApplyWork(QueueAction action, SelectionFilter filter, IReadOnlyList<QueueId> ids, DateTimeOffset now)
    : WriteWork<(int Changed, string? Failure)>
{
    private readonly List<QueueId> _files = [];
    private int _changed;

    /// <summary>Large messages that are gone, and whose files may go.</summary>
    public IReadOnlyList<QueueId> FilesOfDeleted => _files;

    public override void Run(Ledger ledger)
    {
        foreach (QueueId id in ids)
        {
            // It matched when it was read; now that nobody else can write, it must still.
            if (ledger.Messages.Find(id) is { } row && filter.Matches(row) && Apply(ledger, row))
            {
                _changed++;
            }
        }

        if (action is QueueAction.Retry or QueueAction.Release)
        {
            ledger.RaiseFlushGeneration();
        }
    }

    public override void Committed() => Finish((_changed, null));

    public override void Failed(CommitStatus status, string reason)
    {
        _files.Clear();
        Finish((0, reason));
    }

    private bool Apply(Ledger ledger, MessageRow row) => action switch
    {
        QueueAction.Retry => Change(ledger, row, RetryOne, outcome: null),
        QueueAction.Hold => Change(ledger, row, HoldOne, "held"),
        QueueAction.Release => Change(ledger, row, ReleaseOne, "released"),
        QueueAction.Delete => Delete(ledger, row),
    };

    private QueuedRecipient? RetryOne(QueuedRecipient recipient) =>
        recipient.State != RecipientState.Waiting ? null : recipient.NextAttempt <= now ? recipient : recipient with { NextAttempt = now };

    private static QueuedRecipient? HoldOne(QueuedRecipient recipient) =>
        recipient.State == RecipientState.Waiting ? recipient with { State = RecipientState.Held } : null;

    private QueuedRecipient? ReleaseOne(QueuedRecipient recipient) =>
        recipient.State is RecipientState.Held or RecipientState.Parked
            ? recipient with { State = RecipientState.Waiting, NextAttempt = now }
            : null;

    /// <summary>Changes recipients; a lease that is running goes on. True if the message had one to be changed, even if it was so already.</summary>
    private bool Change(Ledger ledger, MessageRow row, Func<QueuedRecipient, QueuedRecipient?> change, string? outcome)
    {
        if (row.Damaged || row.Recipients is not { } stored)
        {
            return false;
        }

        (bool concerned, bool changed) = (false, false);
        for (int i = 0; i < stored.Recipients.Length; i++)
        {
            if (change(stored.Recipients[i]) is { } after)
            {
                concerned = true;
                changed |= !ReferenceEquals(after, stored.Recipients[i]);
                stored.Recipients[i] = after;
                if (outcome is not null)
                {
                    ledger.History.Add(Happenings.Of(row, after, now, "Operator", outcome));
                }
            }
        }

        if (changed)
        {
            ledger.Messages.Update(row, stored, row.LeaseToken, row.LeaseUntil);
        }

        return concerned;
    }

    private bool Delete(Ledger ledger, MessageRow row)
    {
        ledger.Messages.Delete(row);
        foreach (QueuedRecipient recipient in row.Recipients?.Recipients ?? [])
        {
            if (recipient.State is not (RecipientState.Delivered or RecipientState.Bounced))
            {
                ledger.History.Add(Happenings.Of(row, recipient, now, "Operator", "deleted"));
            }
        }

        if (row.Envelope is not { BodyPlace: BodyPlace.Row })
        {
            _files.Add(row.Id);
        }

        return true;
    }
}
