using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>A selection as a query that reads little, and as a test of each row it read.</summary>
internal sealed class SelectionFilter(QueueSelection selection)
{
    /// <summary>Rows looked at in one go: some milliseconds of a reader's time.</summary>
    private const int MostScanned = 10_000;

    private readonly QueueId[] _ids = [.. selection.Ids.OrderBy(id => id.Value)];
    private readonly byte[]? _needle = Needle(selection.Address);

    /// <summary>The next rows that may match, oldest first.</summary>
    /// <param name="after">Where to go on; moved on, and <c>null</c> at the end.</param>
    public List<MessageRow> Read(SqliteDatabase database, ref long? after, int most)
    {
        var rows = new List<MessageRow>();
        if (_ids.Length > 0)
        {
            ReadById(database, rows, ref after, most);
            return rows;
        }

        using SqliteStatement query = database.Prepare(
            $"SELECT {MessageTable.Columns} FROM message {Narrowed()} AND id > ?1 ORDER BY id LIMIT {MostScanned}");
        query.Bind(1, after ?? long.MaxValue);
        int scanned = 0;
        while (rows.Count < most && query.Step())
        {
            scanned++;
            after = query.Int64(0);
            if (MayMatch(query))
            {
                rows.Add(MessageTable.Read(query));
            }
        }

        if (rows.Count < most && scanned < MostScanned)
        {
            after = null;
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

    private void ReadById(SqliteDatabase database, List<MessageRow> rows, ref long? after, int most)
    {
        using SqliteStatement query = database.Prepare($"SELECT {MessageTable.Columns} FROM message WHERE id = ?1");
        foreach (QueueId id in _ids)
        {
            if (id.Value <= after)
            {
                continue;
            }

            if (rows.Count == most)
            {
                return;
            }

            if (query.Bind(1, id.Value).Step())
            {
                rows.Add(MessageTable.Read(query));
            }

            query.Reset();
            after = id.Value;
        }

        after = null;
    }

    /// <summary>Letters that stand in every row with this address, so that most rows need not be taken apart. Only where upper and
    /// lower case are a matter of ASCII, and nothing is quoted.</summary>
    private static byte[]? Needle(string? address)
    {
        int at = address?.LastIndexOf('@') ?? -1;
        string letters = at < 0 ? "" : at == 0 ? address![1..] : address![..at];
        return letters.Length > 0 && Ascii.IsValid(letters) && !letters.Contains('"', StringComparison.Ordinal) ? Encoding.ASCII.GetBytes(letters) : null;
    }

    private bool MayMatch(SqliteStatement row) =>
        _needle is null || Contains(row.Blob(MessageTable.EnvelopeColumn)) || Contains(row.Blob(MessageTable.RecipientsColumn));

    private bool Contains(ReadOnlySpan<byte> blob)
    {
        byte lower = (byte)char.ToLowerInvariant((char)_needle![0]);
        byte upper = (byte)char.ToUpperInvariant((char)_needle[0]);
        while (blob.Length >= _needle.Length)
        {
            int at = blob[..(blob.Length - _needle.Length + 1)].IndexOfAny(lower, upper);
            if (at < 0)
            {
                return false;
            }

            if (Ascii.EqualsIgnoreCase(blob.Slice(at, _needle.Length), _needle))
            {
                return true;
            }

            blob = blob[(at + 1)..];
        }

        return false;
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
