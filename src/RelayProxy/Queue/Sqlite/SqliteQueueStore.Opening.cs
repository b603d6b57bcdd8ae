using Microsoft.Win32.SafeHandles;
using RelayProxy.Queue.Sqlite.Mending;
using RelayProxy.Telemetry;
using SQLitePCL;

namespace RelayProxy.Queue.Sqlite;

// How the store comes up, and is mended.
internal sealed partial class SqliteQueueStore
{
    /// <summary>How often to look whether others have left, at <see cref="s_pause"/> apart.</summary>
    private const int Tries = 250;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(20);

    private string DatabasePath => Path.Combine(_folder, "queue.db");

    private string LogPath => DatabasePath + "-wal";

    private void OpenAsDaemon()
    {
        QueueFolder.Create(_folder);
        QueueFolder.Check(_folder, StoreAccess.Daemon);
        CheckNames();
        _owner = OwnerLock.TryTake(_folder, out string other) ?? throw new QueueUnavailableException(
            $"The queue in {_folder} is served by another relay already (pid {other}): stop that one, or give this one a Queue:Path of its own.");
        _use = new FolderUse(_folder);
        _bodies = MakeBodyFolder();
        var mender = new StoreMender(_folder, _bodies, clock, logger);
        mender.FinishInterrupted();
        string? damage = null;
        if (!File.Exists(DatabasePath))
        {
            damage = mender.TraceOfLostDatabase();
            if (damage is null)
            {
                StoreOpening.CreateDatabase(_folder, DatabasePath);
            }
        }

        if (damage is null)
        {
            ShareFiles();
            damage = DamagedLog.Find(LogPath) ?? Prepare(endLeases: true);
        }

        if (damage is not null)
        {
            MendAlone(damage);
            if (Prepare(endLeases: true) is { } still)
            {
                throw new QueueUnavailableException($"{DatabasePath} is damaged and could not be mended: {still}");
            }
        }

        Start(MendWhileOpen);
        Log.Opened(logger, _folder);
        _sweep = Task.Run(SweepAsync);
    }

    private void CheckNames() => QueueFolder.CheckNames(_folder, ["owner", "queue.db", "queue.db-wal", "queue.db-shm", "queue.db.mended"], "bodies");

    /// <summary>Those of a folder that was its owner's alone when they were made.</summary>
    private void ShareFiles()
    {
        foreach (string file in (ReadOnlySpan<string>)[DatabasePath, DatabasePath + "-wal", DatabasePath + "-shm"])
        {
            if (File.Exists(file) && !File.GetUnixFileMode(file).HasFlag(UnixFileMode.GroupWrite))
            {
                using SafeFileHandle handle = DurableFile.OpenWrite(file);
                FileOwner.TakeFromFolder(handle, _folder);
            }
        }
    }

    private void OpenAsSubmitter()
    {
        QueueFolder.Check(_folder, StoreAccess.Submitter);
        CheckNames();
        for (int pauses = 0; !File.Exists(DatabasePath); pauses++)
        {
            // A relay that starts at this moment waits for us, or makes it itself; so does another sendmail.
            using FolderUse? alone = FolderUse.TryAlone(_folder);
            if (alone is null)
            {
                Thread.Sleep(pauses < Tries ? s_pause : throw new QueueUnavailableException($"The queue in {_folder} has lost {DatabasePath}: restart the relay."));
            }
            else if (!File.Exists(DatabasePath))
            {
                MakeDatabase();
            }
        }

        OpenAsOperator();
    }

    private void MakeDatabase()
    {
        CheckNotLost(MakeBodyFolder());
        StoreOpening.CreateDatabase(_folder, DatabasePath);
    }

    /// <summary>There is no database, and there has been none: whoever made one now would have the mail of the other forgotten.</summary>
    private void CheckNotLost(BodyFolder bodies)
    {
        if (new StoreMender(_folder, bodies, clock, logger).TraceOfLostDatabase() is { } damage)
        {
            throw new QueueUnavailableException($"The queue in {_folder} is damaged ({damage}): start the relay, which mends what can be mended.");
        }
    }

    private BodyFolder MakeBodyFolder()
    {
        var folder = new BodyFolder(Path.Combine(_folder, "bodies"));
        QueueFolder.Create(folder.Path);
        using SafeFileHandle bodies = DurableFile.OpenFolder(folder.Path);
        FileOwner.TakeFromFolder(bodies, _folder, isFolder: true);
        return folder;
    }

    private void OpenAsOperator()
    {
        QueueFolder.Check(_folder, StoreAccess.Operator);
        CheckNames();
        _bodies = new BodyFolder(Path.Combine(_folder, "bodies"));
        if (!File.Exists(DatabasePath))
        {
            if (Directory.Exists(_bodies.Path))
            {
                CheckNotLost(_bodies);
            }

            throw new QueueUnavailableException($"There is no queue in {_folder} yet: it is made when the relay first starts.");
        }

        _use = new FolderUse(_folder);

        // Where a relay runs it has looked; and whoever closes the database last without one deletes the log with all that it holds.
        if (!OwnerLock.IsTaken(_folder) && DamagedLog.Find(LogPath) is { } broken)
        {
            throw new QueueUnavailableException($"{DatabasePath} is damaged ({broken}): start the relay, which mends what can be mended.");
        }

        try
        {
            UpgradeAsOperator();
            Start(mend: null);
        }
        catch (SqliteFault fault) when (fault.IsDamage)
        {
            throw new QueueUnavailableException($"{DatabasePath} is damaged ({fault.Message}): start the relay, which mends what can be mended.", fault);
        }
    }

    private void UpgradeAsOperator()
    {
        using SqliteDatabase database = SqliteDatabase.Open(DatabasePath, readOnly: false);
        Pragmas.ForWriter(database);
        if (Schema.VersionOf(database) != Schema.Version)
        {
            // Without a daemon a command may bring it up to date; beside one it may not.
            using OwnerLock? owner = OwnerLock.TryTake(_folder, out _);
            Upgrade(database, mayUpgrade: owner is not null);
        }
    }

    /// <summary>Says so before: a long queue takes seconds, in which nobody answers at the door.</summary>
    private void Upgrade(SqliteDatabase database, bool mayUpgrade)
    {
        int version = Schema.VersionOf(database);
        bool isOlder = version < Schema.Version;
        if (isOlder && mayUpgrade)
        {
            Log.Upgrading(logger, _folder, version, Schema.Version, database.QueryInt64("SELECT messages FROM store"));
        }

        StoreOpening.Upgrade(database, DatabasePath, mayUpgrade);
        if (isOlder)
        {
            Log.Upgraded(logger, _folder, Schema.Version);
        }
    }

    private void Start(Action<string>? mend)
    {
        _space = new DiskSpace(_folder, clock);
        _readers = new ReaderPool(DatabasePath, damage => _writer?.ReportDamage(damage));
        _writer = new GroupCommit(DatabasePath, new StoreProbe(DatabasePath, Bodies), mend, metrics, clock, logger);
    }

    /// <summary>Brings the schema up to date, looks the database over, and may end the leases of earlier owners.</summary>
    /// <returns>What is wrong with it; <c>null</c> if it can be used.</returns>
    private string? Prepare(bool endLeases)
    {
        try
        {
            using SqliteDatabase database = SqliteDatabase.Open(DatabasePath, readOnly: false);
            Pragmas.ForWriter(database);
            if (Schema.VersionOf(database) == 0)
            {
                // It gets its name when it has its tables.
                return "it has no tables";
            }

            Upgrade(database, mayUpgrade: true);
            if (StoreOpening.LookOver(database, clock) is { } damage)
            {
                return damage;
            }

            if (endLeases)
            {
                StoreOpening.EndLeases(database);
            }

            return null;
        }
        catch (SqliteFault fault) when (fault.IsDamage || fault.Code == raw.SQLITE_ERROR)
        {
            // A plain error is that of a table which is not what it was.
            return fault.Message;
        }
    }

    /// <summary>Called on the writer's thread, when its own connection is closed.</summary>
    private void MendWhileOpen(string damage)
    {
        Readers.Pause();
        try
        {
            MendAlone(damage);
            if (Prepare(endLeases: false) is { } still)
            {
                throw new IOException($"{DatabasePath} is still damaged: {still}");
            }
        }
        finally
        {
            Readers.Resume();
        }
    }

    private void MendAlone(string damage)
    {
        _use!.BeAlone(Tries);
        try
        {
            new StoreMender(_folder, Bodies, clock, logger).Mend(damage);
        }
        finally
        {
            _use.Share();
        }
    }

    private async Task SweepAsync()
    {
        try
        {
            int swept = await Readers.ReadAsync(Sweep, _closing.Token).ConfigureAwait(false);
            if (swept > 0)
            {
                Log.Swept(logger, swept, Bodies.Path);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or QueueUnavailableException or IOException)
        {
            // Left-overs cost room and nothing else: the next start tries again.
        }
    }

    private int Sweep(SqliteDatabase database)
    {
        if (Bodies.Strangers() is { Count: > 0 } strangers)
        {
            Log.Strangers(logger, strangers.Count, Bodies.Path, LogText.Printable(strangers[0]));
        }

        using SqliteStatement find = database.Prepare("SELECT 1 FROM message WHERE id = ?1");
        return Bodies.Sweep(
            _owner!.Since,
            id =>
            {
                bool exists = find.Bind(1, id.Value).Step();
                find.Reset();
                return exists;
            },
            _closing.Token);
    }
}
