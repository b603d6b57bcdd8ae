using SQLitePCL;

namespace RelayProxy.Queue.Sqlite;

/// <summary>
/// One connection to the database, for one thread at a time. A thin layer over SQLite's own interface: the store's writer needs
/// result codes as values (a COMMIT that failed is news, not a surprise), blobs as spans, and statements prepared once.
/// </summary>
internal sealed class SqliteDatabase : IDisposable
{
    /// <summary>SQLITE_DBSTATUS_CACHE_WRITE.</summary>
    private const int DbStatusCacheWrite = 9;

    /// <summary>SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE.</summary>
    private const int LogStaysAtClose = 1006;

    private static readonly Lock s_gate = new();
    private static bool s_ready;
    private readonly sqlite3 _handle;

    private SqliteDatabase(sqlite3 handle) => _handle = handle;

    /// <exception cref="SqliteFault">It can't be opened.</exception>
    public static SqliteDatabase Open(string path, bool readOnly)
    {
        lock (s_gate)
        {
            if (!s_ready)
            {
                Batteries_V2.Init();
                s_ready = true;
            }
        }

        // Never CREATE: the file is made beforehand, with the right mode. NOMUTEX: one thread at a time is our promise.
        int flags = (readOnly ? raw.SQLITE_OPEN_READONLY : raw.SQLITE_OPEN_READWRITE) | raw.SQLITE_OPEN_NOMUTEX;
        int code = raw.sqlite3_open_v2(path, out sqlite3 handle, flags, null);
        var database = new SqliteDatabase(handle);
        if (code != raw.SQLITE_OK)
        {
            var fault = new SqliteFault(code, $"{path}: {raw.sqlite3_errstr(code).utf8_to_string()}");
            database.Dispose();
            throw fault;
        }

        raw.sqlite3_extended_result_codes(handle, 1);
        if (File.GetUnixFileMode(path).HasFlag(UnixFileMode.GroupWrite))
        {
            // Members of the folder's group may use the log and its index, but not make them where the last to close has deleted them.
            raw.sqlite3_db_config(handle, LogStaysAtClose, 1, out _);
        }

        return database;
    }

    /// <summary>Rows changed since the connection was opened.</summary>
    public int TotalChanges => raw.sqlite3_total_changes(_handle);

    /// <summary>Whether a transaction is open.</summary>
    public bool InTransaction => raw.sqlite3_get_autocommit(_handle) == 0;

    public void Execute(string sql) => Check(raw.sqlite3_exec(_handle, sql));

    public SqliteStatement Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v3(_handle, sql, raw.SQLITE_PREPARE_PERSISTENT, out sqlite3_stmt statement));
        return new SqliteStatement(this, statement);
    }

    /// <summary>The first column of the first row, as a number; 0 where there is none.</summary>
    public long QueryInt64(string sql)
    {
        using SqliteStatement statement = Prepare(sql);
        return statement.Step() ? statement.Int64(0) : 0;
    }

    /// <summary>The first column of the first row, as text.</summary>
    public string QueryText(string sql)
    {
        using SqliteStatement statement = Prepare(sql);
        return statement.Step() ? statement.Text(0) : "";
    }

    /// <summary>Pages this connection has written since it was last asked: so much longer is the write-ahead log.</summary>
    public int PagesWritten()
    {
        raw.sqlite3_db_status(_handle, DbStatusCacheWrite, out int pages, out _, resetFlg: 1);
        return pages;
    }

    /// <summary>Copies the log's pages into the database file, as far as no reader needs the old ones, without blocking anybody.</summary>
    /// <param name="pagesInLog">How many the log held.</param>
    /// <returns>How many of them are in the database file now: all, and the next write begins the log anew.</returns>
    public int Checkpoint(out int pagesInLog)
    {
        Check(raw.sqlite3_wal_checkpoint_v2(_handle, "main", raw.SQLITE_CHECKPOINT_PASSIVE, out pagesInLog, out int copied));
        return copied;
    }

    /// <summary>Copies all of the log into the database file, so that this alone is the whole queue, as far as nobody uses it.</summary>
    public void EmptyLog() => Execute("PRAGMA busy_timeout = 0; PRAGMA wal_checkpoint(TRUNCATE)");

    /// <summary>Asks every so many steps of a long query whether to go on.</summary>
    public void OnProgress(int steps, Func<bool>? goOn)
    {
        delegate_progress? progress = goOn is null ? null : _ => goOn() ? 0 : 1;
        raw.sqlite3_progress_handler(_handle, steps, progress, null);
    }

    public void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE))
        {
            throw new SqliteFault(raw.sqlite3_extended_errcode(_handle), raw.sqlite3_errmsg(_handle).utf8_to_string());
        }
    }

    public void Dispose() => _handle.Dispose();
}
