using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>What the columns of a message say, as computed from its recipients: when it is to be looked at next, and how many
/// recipients are in which state.</summary>
/// <param name="DueAt">UTC ticks; <c>null</c> if nobody waits for the smarthost. Likewise <paramref name="LocalDueAt"/> for this machine, and
/// <paramref name="OverdueAt"/> for either.</param>
internal readonly record struct Standing(long? DueAt, long? LocalDueAt, long? OverdueAt, int Waiting, int Held, int Parked, int Deferred)
{
    /// <summary>Whether there is still something to do about the message.</summary>
    public bool IsOpen => Waiting + Held + Parked > 0;

    public static Standing Of(StoredRecipients stored)
    {
        long? due = null, localDue = null;
        int waiting = 0, held = 0, parked = 0, deferred = 0;
        foreach (QueuedRecipient recipient in stored.Recipients)
        {
            switch (recipient.State)
            {
                case RecipientState.Waiting:
                    waiting++;
                    long next = recipient.NextAttempt.UtcTicks;
                    if (recipient.Recipient.Route == MailRoute.Local)
                    {
                        localDue = localDue < next ? localDue : next;
                    }
                    else
                    {
                        due = due < next ? due : next;
                    }

                    deferred += recipient.LastReply is null ? 0 : 1;
                    break;
                case RecipientState.Held:
                    held++;
                    break;
                case RecipientState.Parked:
                    parked++;
                    break;
                case RecipientState.Delivered:
                case RecipientState.Bounced:
                    break;
            }
        }

        if (waiting == 0)
        {
            return new Standing(null, null, null, 0, held, parked, 0);
        }

        long overdue = Math.Min(stored.ExpiresAt.UtcTicks, stored.DelayNoticeAt?.UtcTicks ?? long.MaxValue);
        return new Standing(due, localDue, overdue, waiting, held, parked, deferred);
    }
}
