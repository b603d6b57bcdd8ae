using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>Leases messages that are due, or overdue; sets aside those that are damaged.</summary>
/// <param name="route">Whose recipients are due; <c>null</c>: what is overdue, whatever its route.</param>
internal sealed class LeaseWork(
    SqliteQueueStore store, MailRoute? route, DateTimeOffset now, int limit, TimeSpan leaseFor) : WriteWork<IReadOnlyList<QueueLease>>
{
    private const int MostLapsed = 1000;

    /// <summary>Looked at in one transaction, where one damaged message comes after the other.</summary>
    private const int MostLookedAt = 1000;

    private static readonly QueuedRecipient s_unknown = new() { Ordinal = 0, Recipient = new Recipient(new Mailbox("", "")) };
    private readonly List<QueueLease> _leases = [];
    private readonly List<(QueueId Id, string What)> _setAside = [];

    public override void Run(Ledger ledger)
    {
        MessageTable messages = ledger.Messages;
        foreach (QueueId id in messages.Lapsed(now.UtcTicks, MostLapsed))
        {
            // The token stays: whoever was late may still settle, as long as nobody else has leased the message.
            MessageRow row = Find(messages, id);
            messages.Lease(row, row.LeaseToken, until: null);
        }

        // Damaged ones are set aside and looked at no more; the sound ones behind them do not wait for the next look because of that.
        for (int left = MostLookedAt; _leases.Count < limit && left > 0;)
        {
            int wanted = Math.Min(limit - _leases.Count, left);
            List<QueueId> ids = route is { } due ? messages.Due(due, now.UtcTicks, wanted) : messages.Overdue(now.UtcTicks, wanted);
            foreach (QueueId id in ids)
            {
                Lease(ledger, Find(messages, id));
            }

            left = ids.Count < wanted ? 0 : left - ids.Count;
        }
    }

    public override void Committed()
    {
        foreach ((QueueId id, string what) in _setAside)
        {
            store.LogSetAside(id, what);
        }

        Finish(_leases);
    }

    public override void Failed(CommitStatus status, string reason) => Finish([]);

    /// <summary>A message that an index names.</summary>
    /// <exception cref="SqliteFault">There is none: the index is damaged, which the start does not look for in all of it.</exception>
    private static MessageRow Find(MessageTable messages, QueueId id) =>
        messages.Find(id) ?? throw SqliteFault.Damage($"an index names {id}, and there is no such message");

    private void Lease(Ledger ledger, MessageRow row)
    {
        if (row.Envelope is not { } envelope || row.Recipients is not { } recipients)
        {
            SetAside(ledger, row);
            return;
        }

        if (store.OpenContent(row.Id, envelope, ledger.Messages.FindBody(row.Id), out string what) is not { } content)
        {
            Park(ledger, row, recipients, what);
            return;
        }

        QueuedRecipient[] due = Array.FindAll(recipients.Recipients, IsDue);
        if (due.Length == 0)
        {
            // The columns say something else than the recipients, who are right.
            ledger.Messages.Update(row, recipients, row.LeaseToken, leaseUntil: null);
            return;
        }

        long token = store.NextLeaseToken();
        DateTimeOffset until = now + leaseFor;
        ledger.Messages.Lease(row, token, until.UtcTicks);
        _leases.Add(new QueueLease(row.ToMessage(now) with { InDelivery = true }, due, token, content) { Until = until });
    }

    private bool IsDue(QueuedRecipient recipient) =>
        recipient.State == RecipientState.Waiting && (route is null || (recipient.Recipient.Route == route && recipient.NextAttempt <= now));

    /// <summary>What the row can still tell goes into the history; the row itself stays, as evidence.</summary>
    private void SetAside(Ledger ledger, MessageRow row)
    {
        const string What = "its row does not have its checksum";
        ledger.Messages.SetAside(row);
        QueuedRecipient[] known = row.Recipients?.Recipients ?? [s_unknown];
        foreach (QueuedRecipient recipient in known)
        {
            ledger.History.Add(Happenings.Of(row, recipient, now, "Stored", "damaged", What));
        }

        _setAside.Add((row.Id, What));
    }

    /// <summary>The row is sound, its octets are not: nobody gets them, and an operator sees why.</summary>
    private void Park(Ledger ledger, MessageRow row, StoredRecipients recipients, string what)
    {
        string reply = $"554 5.3.0 Not sent: {what}";
        QueuedRecipient[] parked = Array.ConvertAll(
            recipients.Recipients,
            recipient => recipient.State == RecipientState.Waiting
                ? recipient with { State = RecipientState.Parked, LastReply = reply }
                : recipient);
        ledger.Messages.Update(row, recipients with { Recipients = parked }, leaseToken: 0, leaseUntil: null);
        foreach (QueuedRecipient recipient in recipients.Recipients)
        {
            if (recipient.State == RecipientState.Waiting)
            {
                ledger.History.Add(Happenings.Of(row, recipient, now, "Stored", "parked", reply));
            }
        }

        _setAside.Add((row.Id, what));
    }
}
