using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>The table <c>history</c>, as the writer uses it.</summary>
internal sealed class HistoryTable(SqliteDatabase database) : IDisposable
{
    /// <summary>What <see cref="Read"/> expects.</summary>
    public const string Columns = "n, message_id, at, sender, recipient, smarthost, stage, outcome, reply, tls, delay";

    /// <summary>Where <see cref="PrepareInsert"/> expects a row's place in the order of time, if it is given one.</summary>
    public const int PlaceParameter = 13;

    private readonly SqliteStatement _insert = PrepareInsert(database, withPlace: false);

    private readonly SqliteStatement _exists = database.Prepare(
        "SELECT 1 FROM history WHERE message_id = ?1 AND at = ?2 AND recipient = ?3 AND outcome = ?4");

    private readonly SqliteStatement _oldest = database.Prepare("SELECT n, at FROM history ORDER BY n LIMIT ?1");
    private readonly SqliteStatement _deleteThrough = database.Prepare("DELETE FROM history WHERE n <= ?1");

    public void Add(HistoryEntry entry) => Bind(_insert, entry).Run();

    /// <summary>As <see cref="Add"/>, unless it is there already.</summary>
    public void AddOnce(HistoryEntry entry)
    {
        bool exists = _exists.Bind(1, entry.Id.Value).Bind(2, entry.At.UtcTicks).Bind(3, entry.Recipient).Bind(4, entry.Outcome).Step();
        _exists.Reset();
        if (!exists)
        {
            Add(entry);
        }
    }

    /// <summary>Forgets at most so many of the oldest rows, from before a time; says whether there are more.</summary>
    public bool Prune(DateTimeOffset before, int most)
    {
        long through = 0;
        int seen = 0;
        _oldest.Bind(1, most);
        while (_oldest.Step() && _oldest.Int64(1) < before.UtcTicks)
        {
            through = _oldest.Int64(0);
            seen++;
        }

        _oldest.Reset();
        if (seen > 0)
        {
            _deleteThrough.Bind(1, through).Run();
        }

        return seen == most;
    }

    public static SqliteStatement PrepareInsert(SqliteDatabase database, bool withPlace) => database.Prepare(
        $"""
        INSERT INTO history
            (message_id, at, sender_key, recipient_key, sender, recipient, smarthost, stage, outcome, reply, tls, delay{(withPlace ? ", n" : "")})
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12{(withPlace ? ", ?13" : "")})
        """);

    public static SqliteStatement Bind(SqliteStatement insert, HistoryEntry entry) => insert
        .Bind(1, entry.Id.Value)
        .Bind(2, entry.At.UtcTicks)
        .Bind(3, AddressKey.Of(entry.Sender))
        .Bind(4, AddressKey.Of(entry.Recipient))
        .Bind(5, entry.Sender)
        .Bind(6, entry.Recipient)
        .Bind(7, entry.Smarthost)
        .Bind(8, entry.Stage)
        .Bind(9, entry.Outcome)
        .Bind(10, entry.Reply)
        .Bind(11, entry.Tls)
        .Bind(12, entry.Delay.Ticks);

    public static HistoryEntry Read(SqliteStatement row) => new()
    {
        Id = new QueueId(row.Int64(1)),
        At = new DateTimeOffset(Math.Clamp(row.Int64(2), 0, DateTime.MaxValue.Ticks), TimeSpan.Zero),
        Sender = row.Text(3),
        Recipient = row.Text(4),
        Smarthost = row.Text(5),
        Stage = row.Text(6),
        Outcome = row.Text(7),
        Reply = row.Text(8),
        Tls = row.Text(9),
        Delay = TimeSpan.FromTicks(row.Int64(10)),
    };

    public void Dispose()
    {
        _insert.Dispose();
        _exists.Dispose();
        _oldest.Dispose();
        _deleteThrough.Dispose();
    }
}
