namespace RelayProxy.Queue.Sqlite;

/// <summary>Reads history by queue id or by address, a few rows at a time.</summary>
internal static class HistoryQuery
{
    /// <param name="after">The last row read so far; moved on.</param>
    /// <returns>The rows that match, and whether there may be more.</returns>
    public static (List<HistoryEntry> Entries, bool More) Read(SqliteDatabase database, HistorySelection selection, ref long after, int most)
    {
        using SqliteStatement query = Prepare(database, selection, after, most);
        var entries = new List<HistoryEntry>();
        int read = 0;
        while (query.Step())
        {
            read++;
            after = query.Int64(0);
            HistoryEntry entry = HistoryTable.Read(query);

            // An address key may be two addresses'.
            if ((selection.Id is null || entry.Id == selection.Id) && (selection.Address is null || Concerns(entry, selection.Address)))
            {
                entries.Add(entry);
            }
        }

        return (entries, read == most);
    }

    private static SqliteStatement Prepare(SqliteDatabase database, HistorySelection selection, long after, int most)
    {
        const string Rows = $"SELECT {HistoryTable.Columns} FROM history";
        if (selection.Id is { } id)
        {
            return database.Prepare($"{Rows} INDEXED BY history_message WHERE message_id = ?3 AND n > ?1 ORDER BY n LIMIT ?2")
                .Bind(1, after).Bind(2, most).Bind(3, id.Value);
        }

        if (selection.Address is { } address)
        {
            return database.Prepare(
                $"""
                {Rows} WHERE n IN (
                    SELECT n FROM history INDEXED BY history_sender WHERE sender_key = ?3 AND n > ?1
                    UNION
                    SELECT n FROM history INDEXED BY history_recipient WHERE recipient_key = ?3 AND n > ?1
                    ORDER BY n LIMIT ?2)
                ORDER BY n
                """).Bind(1, after).Bind(2, most).Bind(3, AddressKey.Of(address));
        }

        return database.Prepare($"{Rows} WHERE n > ?1 ORDER BY n LIMIT ?2").Bind(1, after).Bind(2, most);
    }

    private static bool Concerns(HistoryEntry entry, string address) =>
        string.Equals(entry.Sender, address, StringComparison.OrdinalIgnoreCase)
        || string.Equals(entry.Recipient, address, StringComparison.OrdinalIgnoreCase);
}
