using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Harness;

/// <summary>A queue as an earlier version of the program has left it.</summary>
internal static class OldQueue
{
    private const string MessageColumns =
        "id, due_at, overdue_at, lease_token, lease_until, octets, waiting, held, parked, deferred, damaged, envelope, recipients";

    /// <summary>Puts an older schema's database, with the same mail, in the place of today's, which nobody has open.</summary>
    public static void Make(string folder, int schema)
    {
        string path = Path.Combine(folder, "queue.db"), today = Path.Combine(folder, "today.db");
        File.Move(path, today);
        DurableFile.Create(path).Dispose();
        using SqliteDatabase old = SqliteDatabase.Open(path, readOnly: false);
        Pragmas.ForNewDatabase(old);
        Schema.Upgrade(old, schema);
        old.Execute(
            $"""
            ATTACH '{today}' AS today;
            INSERT INTO message ({MessageColumns}) SELECT {MessageColumns} FROM today.message;
            INSERT INTO body SELECT * FROM today.body;
            INSERT INTO history SELECT * FROM today.history;
            DELETE FROM store;
            INSERT INTO store SELECT * FROM today.store;
            DETACH today;
            """);
        File.Delete(today);
    }
}
