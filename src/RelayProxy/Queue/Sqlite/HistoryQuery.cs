namespace RelayProxy.Queue.Sqlite;

/// <summary>Reads history by queue id or by address, a few rows at a time.</summary>
internal static class HistoryQuery
{
    /// <summary>The indexes by address are kept in volumes of so many rows (2^12), one after the other in time.</summary>
    private const int VolumeBits = 12;

    private const string Rows = $"SELECT {HistoryTable.Columns} FROM history";

    /// <param name="after">The last row read so far; moved on.</param>
    /// <returns>The rows that match, and whether there may be more.</returns>
    public static (List<HistoryEntry> Entries, bool More) Read(SqliteDatabase database, HistorySelection selection, ref long after, int most)
    {
        var entries = new List<HistoryEntry>();
        if (selection is { Id: null, Address: { } address })
        {
            return (entries, ReadByAddress(database, address, entries, ref after, most));
        }

        using SqliteStatement query = selection.Id is { } id
            ? database.Prepare($"{Rows} INDEXED BY history_message WHERE message_id = ?3 AND n > ?1 ORDER BY n LIMIT ?2").Bind(3, id.Value)
            : database.Prepare($"{Rows} WHERE n > ?1 ORDER BY n LIMIT ?2");
        query.Bind(1, after).Bind(2, most);
        int read = 0;
        while (query.Step())
        {
            read++;
            after = query.Int64(0);
            Take(query, selection.Address, entries);
        }

        return (entries, read == most);
    }

    /// <summary>At most so many of the rows behind <paramref name="mark"/>, of which the newest.</summary>
    public static HistoryNews ReadNewest(SqliteDatabase database, long mark, int most)
    {
        var entries = new List<HistoryEntry>();
        using SqliteStatement query = database.Prepare($"{Rows} WHERE n > ?1 ORDER BY n DESC LIMIT ?2").Bind(1, mark).Bind(2, most + 1);
        long newest = mark;
        while (query.Step())
        {
            newest = Math.Max(newest, query.Int64(0));
            entries.Add(HistoryTable.Read(query));
        }

        bool hasGap = entries.Count > most;
        if (hasGap)
        {
            entries.RemoveAt(most);
        }

        entries.Reverse();
        return new HistoryNews(entries, hasGap, newest);
    }

    /// <summary>Whole volumes, until there are enough rows.</summary>
    private static bool ReadByAddress(SqliteDatabase database, string address, List<HistoryEntry> entries, ref long after, int most)
    {
        using SqliteStatement query = database.Prepare(
            $"""
            {Rows} WHERE n IN (
                SELECT n FROM history INDEXED BY history_sender WHERE n >> {VolumeBits} = ?1 AND sender_key = ?2
                UNION
                SELECT n FROM history INDEXED BY history_recipient WHERE n >> {VolumeBits} = ?1 AND recipient_key = ?2)
            ORDER BY n
            """);
        query.Bind(2, AddressKey.Of(address));
        long volume = Math.Max(after + 1, database.QueryInt64("SELECT min(n) FROM history")) >> VolumeBits;
        long last = database.QueryInt64("SELECT max(n) FROM history") >> VolumeBits;
        while (volume <= last && entries.Count < most)
        {
            query.Bind(1, volume);
            while (query.Step())
            {
                Take(query, address, entries);
            }

            query.Reset();
            volume++;
            after = (volume << VolumeBits) - 1;
        }

        return volume <= last;
    }

    /// <summary>An address key may be two addresses'.</summary>
    private static void Take(SqliteStatement row, string? address, List<HistoryEntry> entries)
    {
        HistoryEntry entry = HistoryTable.Read(row);
        if (address is null
            || string.Equals(entry.Sender, address, StringComparison.OrdinalIgnoreCase)
            || string.Equals(entry.Recipient, address, StringComparison.OrdinalIgnoreCase))
        {
            entries.Add(entry);
        }
    }
}
