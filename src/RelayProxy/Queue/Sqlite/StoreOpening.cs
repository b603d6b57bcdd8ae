using Microsoft.Win32.SafeHandles;

namespace RelayProxy.Queue.Sqlite;

/// <summary>Finds or makes the database, brings it up to date and looks it over, before anybody uses it.</summary>
internal static class StoreOpening
{
    private static readonly TimeSpan s_lookOverFor = TimeSpan.FromMilliseconds(10);

    /// <summary>Makes an empty database, complete and durable before it has its name.</summary>
    /// <exception cref="IOException"/>
    /// <exception cref="SqliteFault"/>
    public static void CreateDatabase(string folder, string path)
    {
        string unfinished = path + ".new";
        File.Delete(unfinished);
        NewDatabase(unfinished).Dispose();
        using (SafeFileHandle file = DurableFile.OpenWrite(unfinished))
        {
            FileOwner.TakeFromFolder(file, folder);
            DurableFile.Sync(file, unfinished);
        }

        File.Move(unfinished, path);
        DurableFile.SyncFolder(folder);
    }

    /// <summary>An empty database of today's schema, open, with nothing durable about it yet.</summary>
    public static SqliteDatabase NewDatabase(string path)
    {
        DurableFile.Create(path).Dispose();
        SqliteDatabase database = SqliteDatabase.Open(path, readOnly: false);
        Pragmas.ForNewDatabase(database);
        Schema.Upgrade(database);
        return database;
    }

    /// <summary>Brings the schema up to date.</summary>
    /// <param name="mayUpgrade">Nobody else is at work on the queue.</param>
    /// <exception cref="QueueUnavailableException">It is not ours to bring up to date.</exception>
    public static void Upgrade(SqliteDatabase database, string path, bool mayUpgrade)
    {
        int version = Schema.VersionOf(database);
        if (version > Schema.Version)
        {
            throw new QueueUnavailableException(
                $"{path} was written by a later version of relayproxy (schema {version}; this one knows {Schema.Version}): use that version.");
        }

        if (version == Schema.Version)
        {
            return;
        }

        if (!mayUpgrade)
        {
            throw new QueueUnavailableException(
                $"{path} is older than this program (schema {version} of {Schema.Version}) and in use by a relay: restart the relay first.");
        }

        Schema.Upgrade(database);
    }

    /// <summary>
    /// SQLite's own check of its structure, for as long as a start can wait: a small database is looked through whole, of a large one
    /// the first part. What it does not reach is checked when it is read, row by row, against the checksum of each message.
    /// </summary>
    /// <returns>What is wrong; <c>null</c> if nothing was found.</returns>
    public static string? LookOver(SqliteDatabase database, TimeProvider clock)
    {
        long started = clock.GetTimestamp();

        // A step can be a page to be read from the disk.
        const int StepsBetweenLooks = 20;
        database.OnProgress(StepsBetweenLooks, () => clock.GetElapsedTime(started) < s_lookOverFor);
        try
        {
            string found = database.QueryText("PRAGMA quick_check(1)");
            return found == "ok" ? null : found;
        }
        catch (SqliteFault fault) when (fault.IsInterrupt)
        {
            return null;
        }
        catch (SqliteFault fault) when (fault.IsDamage)
        {
            return fault.Message;
        }
        finally
        {
            database.OnProgress(0, null);
        }
    }

    /// <summary>Lets every lease of an earlier owner lapse. Where there is none nothing is written, and nothing synced.</summary>
    public static void EndLeases(SqliteDatabase database) => database.Execute(
        """
        BEGIN IMMEDIATE;
        UPDATE message SET lease_token = 0, lease_until = NULL WHERE lease_until IS NOT NULL;
        UPDATE store SET waiting = waiting + in_delivery, in_delivery = 0 WHERE in_delivery <> 0;
        COMMIT;
        """);
}
