namespace RelayProxy.Queue.Sqlite;

/// <summary>How every connection is set up, and why.</summary>
internal static class Pragmas
{
    /// <summary>How long to wait for another process's write. Operator commands write in steps of milliseconds; whoever holds the
    /// lock longer is stuck.</summary>
    private const string Wait = "PRAGMA busy_timeout = 10000;";

    /// <summary>Once, before the first table: freed pages can be given back to the disk a few at a time. A new database is made durable as a
    /// whole, by whoever made it, and not step by step.</summary>
    public static void ForNewDatabase(SqliteDatabase database)
    {
        database.Execute("PRAGMA synchronous = OFF;");
        database.Execute("PRAGMA auto_vacuum = INCREMENTAL;");
        database.Execute("PRAGMA journal_mode = WAL;");
    }

    /// <summary>FULL: a commit has been synced when it returns. Checkpoints are ours to time (<see cref="Checkpoints"/>). No
    /// temporary files: there may be no folder for them.</summary>
    public static void ForWriter(SqliteDatabase database) => database.Execute(
        $"""
        {Wait}
        PRAGMA synchronous = FULL;
        PRAGMA wal_autocheckpoint = 0;
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -8192;
        """);

    /// <summary>From now on, a lock that another process has is told at once.</summary>
    public static void WaitNoMore(SqliteDatabase database) => database.Execute("PRAGMA busy_timeout = 0");

    public static void ForReader(SqliteDatabase database) => database.Execute(
        $"""
        {Wait}
        PRAGMA query_only = 1;
        PRAGMA temp_store = MEMORY;
        PRAGMA cache_size = -2048;
        """);
}
