using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>A selection as a query that reads little, and as a test of each row it read.</summary>
internal sealed class SelectionFilter(QueueSelection selection)
{
    /// <summary>The only rows that may match, where they can be told without reading any; <c>null</c> where they cannot, or not yet.</summary>
    private long[]? _candidates = selection.Ids.Count > 0 ? [.. selection.Ids.Select(id => id.Value).Distinct().Order()] : null;

    /// <summary>The next rows that may match, oldest first.</summary>
    /// <param name="after">Where to go on; moved on, and <c>null</c> at the end.</param>
    public List<MessageRow> Read(SqliteDatabase database, ref long? after, int most)
    {
        var rows = new List<MessageRow>();
        if (_candidates is null && selection.Address is { } address)
        {
            _candidates = Addressed(database, AddressBits.OfSearch(address));
        }

        if (_candidates is { } candidates)
        {
            ReadById(database, candidates, rows, ref after, most);
            return rows;
        }

        using SqliteStatement query = database.Prepare(
            $"SELECT {MessageTable.Columns} FROM message {Narrowed()} AND id > ?1 ORDER BY id LIMIT ?2");
        query.Bind(1, after ?? long.MaxValue).Bind(2, most);
        while (query.Step())
        {
            after = query.Int64(0);
            rows.Add(MessageTable.Read(query));
        }

        if (rows.Count < most)
        {
            after = null;
        }

        return rows;
    }

    public bool Matches(MessageRow row) =>
        (selection.Ids.Count == 0 || selection.Ids.Contains(row.Id))
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

    /// <summary>Rows that may have to do with an address, in order. Each message stands in at least one of these indexes, which hold the
    /// bits: no row is read.</summary>
    private static long[] Addressed(SqliteDatabase database, long bits)
    {
        var ids = new List<long>();
        foreach (string index in (ReadOnlySpan<string>)
        [
            "message_overdue WHERE lease_until IS NULL AND overdue_at IS NOT NULL",
            "message_leased WHERE lease_until IS NOT NULL",
            "message_aside WHERE held + parked + damaged > 0",
        ])
        {
            using SqliteStatement query = database.Prepare($"SELECT id FROM message INDEXED BY {index} AND (address_bits & ?1) = ?1");
            query.Bind(1, bits);
            while (query.Step())
            {
                ids.Add(query.Int64(0));
            }
        }

        return [.. ids.Order().Distinct()];
    }

    private static void ReadById(SqliteDatabase database, long[] ids, List<MessageRow> rows, ref long? after, int most)
    {
        using SqliteStatement query = database.Prepare($"SELECT {MessageTable.Columns} FROM message WHERE id = ?1");
        int next = after is { } last ? Array.BinarySearch(ids, last) : 0;
        for (next = next < 0 ? ~next : next + 1; next < ids.Length && rows.Count < most; next++)
        {
            if (query.Bind(1, ids[next]).Step())
            {
                rows.Add(MessageTable.Read(query));
            }

            query.Reset();
            after = ids[next];
        }

        after = next == ids.Length ? null : after;
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
