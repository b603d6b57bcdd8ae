using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using RelayProxy.Mail;
using RelayProxy.Telemetry;

namespace RelayProxy.Queue.Sqlite.Mending;

/// <summary>
/// Replaces a damaged database by a new one that has everything that can still be read; the damaged one is kept beside it. What
/// stands in the queue afterwards is what its checksums vouch for; what cannot be read is set aside under its id.
/// The caller has the queue to itself: no connection is open, here or elsewhere.
/// </summary>
internal sealed partial class StoreMender(string folder, BodyFolder bodies, TimeProvider clock, ILogger logger)
{
    private readonly string _database = Path.Combine(folder, "queue.db");

    /// <summary>Complete and durable, and about to become the database: the name alone says that it is.</summary>
    private readonly string _mended = Path.Combine(folder, "queue.db.mended");
    private readonly string _workshop = Path.Combine(folder, "mending");

    /// <summary>What says that there was a queue here although its database is gone; <c>null</c> if nothing does.</summary>
    public string? TraceOfLostDatabase() =>
        File.Exists(_mended) ? $"it was being mended, and {_mended} has not taken its place yet"
        : File.Exists(_database + "-wal") ? $"it is gone, but {_database}-wal is there"
        : bodies.Ids().Any() ? $"it is gone, but there are messages in {bodies.Path}"
        : null;

    /// <summary>Mends.</summary>
    /// <param name="reason">What was found.</param>
    /// <exception cref="IOException"/>
    /// <exception cref="SqliteFault"/>
    public void Mend(string reason)
    {
        Log.Damaged(logger, _database, reason);
        DeleteWorkshop();
        Directory.CreateDirectory(_workshop, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        string copy = Path.Combine(_workshop, "damaged.db");
        string target = Path.Combine(_workshop, "new.db");
        if (File.Exists(_database))
        {
            File.Copy(_database, copy);
        }
        else
        {
            DurableFile.Create(copy).Dispose();
        }

        if (File.Exists(_database + "-wal"))
        {
            File.Copy(_database + "-wal", copy + "-wal");
            if (DamagedLog.Find(copy + "-wal") is not null)
            {
                DamagedLog.LeaveOutDamaged(copy + "-wal");
            }
        }

        Transfer(copy, target);
        using (SafeFileHandle file = DurableFile.OpenWrite(target))
        {
            FileOwner.TakeFromFolder(file, folder);
            DurableFile.Sync(file, target);
        }

        File.Move(target, _mended, overwrite: true);
        DurableFile.SyncFolder(folder);
        FinishInterrupted();
    }

    /// <summary>Puts a mended database in its place, if there is one that was not put there before the process ended.</summary>
    /// <exception cref="IOException"/>
    public void FinishInterrupted()
    {
        if (!File.Exists(_mended))
        {
            return;
        }

        string kept = Path.Combine(
            folder, string.Create(CultureInfo.InvariantCulture, $"damaged-{clock.GetUtcNow():yyyyMMdd'T'HHmmssfff}"));
        Directory.CreateDirectory(kept, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // The log first: it must never be taken for the new database's. Without it the old one is no database any more, but the
        // new one is complete, and its name says so until the end.
        File.Delete(_database + "-shm");
        MoveIfThere(_database + "-wal", Path.Combine(kept, "queue.db-wal"));
        MoveIfThere(_database, Path.Combine(kept, "queue.db"));
        DurableFile.SyncFolder(folder);
        File.Move(_mended, _database);
        DurableFile.SyncFolder(folder);
        DeleteWorkshop();
        Log.Mended(logger, _database, kept);
    }

    private void Transfer(string copy, string target)
    {
        using DamagedDatabase damaged = DamagedDatabase.Open(copy);
        using var mended = new MendedDatabase(target);
        int whole = 0;
        SortedSet<long> ids = damaged.Ids();
        int found = ids.Count;
        ids.UnionWith(bodies.Ids().Select(id => id.Value));
        foreach (QueueId id in ids.Select(value => new QueueId(value)))
        {
            if (mended.Add(id, damaged.Message(id), damaged.Body(id)))
            {
                whole++;
            }
            else
            {
                Log.Unreadable(logger, id);
            }
        }

        damaged.History(mended.Add);
        mended.Complete();
        Log.Transferred(logger, _database, whole, ids.Count - whole);
        TellOfGone(damaged.Messages(), found, ids.Count - found);
    }

    /// <summary>Where pages are gone with all that names a message, nobody can be set aside; but an operator hears of it.</summary>
    private void TellOfGone(long? messages, int found, int foundByFile)
    {
        if (messages is null)
        {
            Log.GoneUncounted(logger, _database, found, foundByFile);
        }
        else if (messages > found)
        {
            Log.Gone(logger, _database, messages.Value, found, foundByFile);
        }
    }

    private void DeleteWorkshop()
    {
        if (Directory.Exists(_workshop))
        {
            Directory.Delete(_workshop, recursive: true);
        }
    }

    private static void MoveIfThere(string from, string to)
    {
        if (File.Exists(from))
        {
            File.Move(from, to);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.StoreDamaged, LogLevel.Error, "{Path} is damaged, and is being mended: {Reason}")]
        public static partial void Damaged(ILogger logger, string path, string reason);

        [LoggerMessage(EventIds.MessageUnreadable, LogLevel.Error, "{QueueId}: set aside and not sent: its row cannot be read any more")]
        public static partial void Unreadable(ILogger logger, QueueId queueId);

        [LoggerMessage(EventIds.StoreTransferred, LogLevel.Information, "{Path}: {Whole} messages could be read, {Unreadable} could not")]
        public static partial void Transferred(ILogger logger, string path, int whole, int unreadable);

        [LoggerMessage(EventIds.MessagesGone, LogLevel.Error, "{Path}: of {Messages} messages that stood in it {Found} were found, and {FoundByFile} more by their files; whatever else is missing is named by nothing but the log's line of its acceptance")]
        public static partial void Gone(ILogger logger, string path, long messages, int found, int foundByFile);

        [LoggerMessage(EventIds.MessagesGone, LogLevel.Error, "{Path}: how many messages stood in it cannot be read any more; {Found} were found, and {FoundByFile} more by their files; whatever else is missing is named by nothing but the log's line of its acceptance")]
        public static partial void GoneUncounted(ILogger logger, string path, int found, int foundByFile);

        [LoggerMessage(EventIds.StoreMended, LogLevel.Warning, "{Path} has been mended; the damaged one is kept in {Kept}")]
        public static partial void Mended(ILogger logger, string path, string kept);
    }
}
