using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>A selection as a query that reads little, and as a test of each row it read.</summary>
internal sealed class SelectionFilter(QueueSelection selection)
{
    private readonly QueueId[] _ids = [.. selection.Ids.OrderBy(id => id.Value)];

    /// <summary>The next rows that may match, oldest first; fewer than asked for only at the end.</summary>
    public List<MessageRow> Read(SqliteDatabase database, long after, int most)
    {
        var rows = new List<MessageRow>();
        if (_ids.Length > 0)
        {
            ReadById(database, after, most, rows);
            return rows;
        }

        using SqliteStatement query = database.Prepare(
            $"SELECT {MessageTable.Columns} FROM message {Narrowed()} AND id > ?1 ORDER BY id LIMIT ?2");
        query.Bind(1, after).Bind(2, most);
        while (query.Step())
        {
            rows.Add(MessageTable.Read(query));
        }

        return rows;
    }

    public bool Matches(MessageRow row) =>
        (_ids.Length == 0 || Array.IndexOf(_ids, row.Id) >= 0)
        && (selection.State is null || MatchesState(row, selection.State.Value))
        && (!selection.Deferred || Any(row, recipient => recipient.State == RecipientState.Waiting && recipient.LastReply is not null))
        && (selection.Address is null || MatchesAddress(row, selection.Address));

    /// <summary>What is set aside and what is deferred have indexes; the rest is read in order.</summary>
    private string Narrowed() => selection switch
    {
        { State: RecipientState.Held or RecipientState.Parked } => "INDEXED BY message_aside WHERE held + parked + damaged > 0",
        { Deferred: true } => "INDEXED BY message_deferred WHERE deferred > 0",
        _ => "WHERE 1",
    };

    private void ReadById(SqliteDatabase database, long after, int most, List<MessageRow> rows)
    {
        using SqliteStatement query = database.Prepare($"SELECT {MessageTable.Columns} FROM message WHERE id = ?1");
        foreach (QueueId id in _ids)
        {
            if (id.Value > after && rows.Count < most)
            {
                if (query.Bind(1, id.Value).Step())
                {
                    rows.Add(MessageTable.Read(query));
                }

                query.Reset();
            }
        }
    }

    private static bool MatchesState(MessageRow row, RecipientState state) =>
        Any(row, recipient => recipient.State == state) || (row.Damaged && state == RecipientState.Parked);

    private static bool MatchesAddress(MessageRow row, string address) =>
        MatchesMailbox(row.Envelope?.Envelope.Sender, address)
        || Any(row, recipient => MatchesMailbox(recipient.Recipient.Address, address));

    private static bool MatchesMailbox(Mailbox? mailbox, string address) =>
        address.StartsWith('@')
            ? mailbox is not null && address.AsSpan(1).Equals(mailbox.Domain, StringComparison.OrdinalIgnoreCase)
            : string.Equals(mailbox?.ToString() ?? "<>", address, StringComparison.OrdinalIgnoreCase);

    private static bool Any(MessageRow row, Predicate<QueuedRecipient> test) =>
        row.Recipients is { } stored && Array.Exists(stored.Recipients, test);
}
