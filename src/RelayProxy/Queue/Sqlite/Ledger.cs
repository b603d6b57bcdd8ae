using System.Diagnostics;

namespace RelayProxy.Queue.Sqlite;

/// <summary>The writer's connection with all its statements: what a <see cref="WriteWork"/> writes into.</summary>
internal sealed class Ledger : IDisposable
{
    private readonly SqliteDatabase _database;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _commit;
    private readonly SqliteStatement _savepoint;
    private readonly SqliteStatement _release;
    private readonly SqliteStatement _undo;
    private readonly SqliteStatement _addToSums;
    private readonly SqliteStatement _flush;
    private readonly SqliteStatement _probe;

    private static readonly TimeSpan s_longestWait = TimeSpan.FromSeconds(10);
    private Tally _changeAtMark;

    public Ledger(string path)
    {
        _database = SqliteDatabase.Open(path, readOnly: false);
        Pragmas.ForWriter(_database);
        Messages = new MessageTable(_database);
        History = new HistoryTable(_database);
        _begin = _database.Prepare("BEGIN IMMEDIATE");
        _commit = _database.Prepare("COMMIT");
        _savepoint = _database.Prepare("SAVEPOINT work");
        _release = _database.Prepare("RELEASE work");
        _undo = _database.Prepare("ROLLBACK TO work");
        _addToSums = _database.Prepare(
            """
            UPDATE store SET messages = messages + ?1, octets = octets + ?2, waiting = waiting + ?3, in_delivery = in_delivery + ?4,
                   held = held + ?5, parked = parked + ?6
            """);
        _flush = _database.Prepare("UPDATE store SET flush_generation = flush_generation + 1");
        _probe = _database.Prepare("UPDATE store SET probe = ?1");
        Pragmas.WaitNoMore(_database);
    }

    public MessageTable Messages { get; }

    public HistoryTable History { get; }

    public SqliteDatabase Database => _database;

    /// <summary>Waits for other processes' writes to end. It looks every millisecond, where SQLite itself would look ever more seldom: a
    /// command that writes much in small steps would be met in one of them again and again, and mail would wait for seconds.</summary>
    /// <exception cref="SqliteFault">Busy: whoever is writing does not end.</exception>
    public void Begin()
    {
        Messages.Change = default;
        for (long since = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                _begin.Run();
                return;
            }
            catch (SqliteFault fault) when (fault.IsBusy && Stopwatch.GetElapsedTime(since) < s_longestWait)
            {
                Thread.Sleep(1);
            }
        }
    }

    /// <summary>Makes everything since <see cref="Begin"/> durable. If this throws, it may or may not be.</summary>
    public void Commit()
    {
        Tally change = Messages.Change;
        if (change != default)
        {
            _addToSums.Bind(1, change.Messages).Bind(2, change.Octets).Bind(3, change.Waiting).Bind(4, change.InDelivery)
                .Bind(5, change.Held).Bind(6, change.Parked).Run();
        }

        _commit.Run();
    }

    public void Rollback()
    {
        // Some errors have already ended the transaction.
        if (_database.InTransaction)
        {
            _database.Execute("ROLLBACK");
        }
    }

    /// <summary>Marks a point to which <see cref="Undo"/> can go back.</summary>
    public void Mark()
    {
        _changeAtMark = Messages.Change;
        _savepoint.Run();
    }

    public void Unmark() => _release.Run();

    public void Undo()
    {
        _undo.Run();
        _release.Run();
        Messages.Change = _changeAtMark;
    }

    /// <summary>Lets a daemon see that an operator wants mail to be tried now.</summary>
    public void RaiseFlushGeneration() => _flush.Run();

    public void WriteProbe(long value) => _probe.Bind(1, value).Run();

    public void Dispose()
    {
        Messages.Dispose();
        History.Dispose();
        foreach (SqliteStatement statement in (ReadOnlySpan<SqliteStatement>)
            [_begin, _commit, _savepoint, _release, _undo, _addToSums, _flush, _probe])
        {
            statement.Dispose();
        }

        _database.Dispose();
    }
}
