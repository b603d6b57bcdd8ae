using System.Buffers.Binary;
using Microsoft.Win32.SafeHandles;
using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite.Mending;

/// <summary>
/// A database some of whose pages cannot be read, as far as the others tell what was in it. Ids of messages are gathered from
/// wherever they stand (the table from both its ends, each index, the bodies), because one damaged page hides only what is on it.
/// </summary>
internal sealed class DamagedDatabase : IDisposable
{
    private const int PageOctets = 4096;

    /// <summary>Where the header says how many pages there are, and where the free ones begin.</summary>
    private const int PageCountOffset = 28;
    private const int FreeListOffset = 32;

    /// <summary>Without message_local_due: whoever waits stands in message_overdue as well, and in an upgraded database that index begins at
    /// another page than in a new one, which lends its first (<see cref="ReplaceFirstPage"/>).</summary>
    private static readonly string[] s_listsOfIds =
    [
        "SELECT id FROM message INDEXED BY message_due WHERE lease_until IS NULL AND due_at IS NOT NULL",
        "SELECT id FROM message INDEXED BY message_overdue WHERE lease_until IS NULL AND overdue_at IS NOT NULL",
        "SELECT id FROM message INDEXED BY message_leased WHERE lease_until IS NOT NULL",
        "SELECT id FROM message INDEXED BY message_aside WHERE held + parked + damaged > 0",
        "SELECT id FROM message INDEXED BY message_deferred WHERE deferred > 0",
        "SELECT id FROM message NOT INDEXED ORDER BY id",
        "SELECT id FROM message NOT INDEXED ORDER BY id DESC",
        "SELECT id FROM body ORDER BY id",
        "SELECT id FROM body ORDER BY id DESC",
    ];

    private readonly SqliteDatabase _database;

    private DamagedDatabase(SqliteDatabase database) => _database = database;

    /// <summary>Opens a copy, which this may change.</summary>
    /// <exception cref="SqliteFault">It cannot be opened even so.</exception>
    public static DamagedDatabase Open(string copy)
    {
        try
        {
            return new DamagedDatabase(OpenAndLook(copy));
        }
        catch (SqliteFault fault) when (fault.IsDamage)
        {
            ReplaceFirstPage(copy);
            return new DamagedDatabase(OpenAndLook(copy));
        }
    }

    /// <summary>Every message that is spoken of anywhere, oldest first.</summary>
    public SortedSet<long> Ids()
    {
        var ids = new SortedSet<long>();
        foreach (string list in s_listsOfIds)
        {
            Gather(list, row => ids.Add(row.Int64(0)));
        }

        return ids;
    }

    /// <summary>How many messages there were; <c>null</c> if that cannot be read.</summary>
    public long? Messages()
    {
        long? found = null;
        Gather("SELECT messages FROM store", row => found = row.NullableInt64(0));
        return found;
    }

    /// <summary>A message's row as it is, sound or not; empty if it cannot be read.</summary>
    public MessageRemains Message(QueueId id)
    {
        var found = new MessageRemains([], [], 0, null);
        Gather(
            $"SELECT envelope, recipients, lease_token, lease_until FROM message WHERE id = {id.Value}",
            row => found = new MessageRemains(row.Blob(0).ToArray(), row.Blob(1).ToArray(), row.Int64(2), row.NullableInt64(3)));
        return found;
    }

    /// <summary>A message's row of the body table; <c>null</c> if it cannot be read.</summary>
    public byte[]? Body(QueueId id)
    {
        byte[]? found = null;
        Gather($"SELECT octets FROM body WHERE id = {id.Value}", row => found = row.Blob(0).ToArray());
        return found;
    }

    /// <summary>The history from both its ends, as far as it can be read: never a row twice.</summary>
    public void History(Action<HistoryRow> take)
    {
        long last = 0;
        Gather($"SELECT {HistoryTable.Columns} FROM history ORDER BY n", row =>
        {
            take(new HistoryRow(row.Int64(0), HistoryTable.Read(row)));
            last = row.Int64(0);
        });
        Gather(
            $"SELECT {HistoryTable.Columns} FROM history WHERE n > {last} ORDER BY n DESC",
            row => take(new HistoryRow(row.Int64(0), HistoryTable.Read(row))));
    }

    public void Dispose() => _database.Dispose();

    private static SqliteDatabase OpenAndLook(string path)
    {
        SqliteDatabase database = SqliteDatabase.Open(path, readOnly: false);
        try
        {
            database.QueryInt64("SELECT count(*) FROM sqlite_schema");
            return database;
        }
        catch (SqliteFault)
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>The first page says where every table begins, and says the same in every database that the same schema steps have
    /// made: one made this moment lends its own.</summary>
    private static void ReplaceFirstPage(string copy)
    {
        string lender = copy + ".empty";
        File.Delete(lender);
        using (SqliteDatabase empty = StoreOpening.NewDatabase(lender))
        {
            empty.Execute("PRAGMA journal_mode = DELETE");
        }

        byte[] page = new byte[PageOctets];
        long leastOctets;
        using (SafeFileHandle file = DurableFile.OpenRead(lender))
        {
            RandomAccess.Read(file, page, 0);
            leastOctets = RandomAccess.GetLength(file);
        }

        using (SafeFileHandle file = DurableFile.OpenWrite(copy))
        {
            // Every page that the first one names has to be there; an empty one cannot be read, which is all that is asked of it.
            long octets = Math.Max(leastOctets, RandomAccess.GetLength(file) / PageOctets * PageOctets);
            RandomAccess.SetLength(file, octets);
            BinaryPrimitives.WriteUInt32BigEndian(page.AsSpan(PageCountOffset), (uint)(octets / PageOctets));
            page.AsSpan(FreeListOffset, 2 * sizeof(uint)).Clear();
            RandomAccess.Write(file, page, 0);
        }

        File.Delete(lender);
    }

    /// <summary>Reads rows until they end or cannot be read.</summary>
    private void Gather(string sql, Action<SqliteStatement> take)
    {
        try
        {
            using SqliteStatement rows = _database.Prepare(sql);
            while (rows.Step())
            {
                take(rows);
            }
        }
        catch (SqliteFault)
        {
            // This is why we are here.
        }
    }
}

/// <summary>What a row of the message table says that cannot be had from elsewhere. A lease is among it: who holds one is delivering
/// the message, and is not to lose it for our trouble.</summary>
internal readonly record struct MessageRemains(byte[] Envelope, byte[] Recipients, long LeaseToken, long? LeaseUntil);

/// <param name="Place">Its number, which is its place in the order of time.</param>
internal readonly record struct HistoryRow(long Place, HistoryEntry Entry);
