using Microsoft.Extensions.Logging;
using RelayProxy.Mail;
using RelayProxy.Telemetry;

namespace RelayProxy.Queue.Sqlite;

/// <summary>
/// The queue in one folder: <c>queue.db</c> (SQLite, write-ahead log, synced at every commit), <c>bodies/</c> for large messages and
/// <c>owner</c>, the daemon's lock. Everything is written by one thread (<see cref="GroupCommit"/>); readers have connections of
/// their own. Operator commands open the same folder from their own process, beside a daemon or without one.
/// </summary>
/// <param name="options">Asked each time, so that a reload takes effect; but the queue stays where it is.</param>
internal sealed partial class SqliteQueueStore(Func<QueueOptions> options, TimeProvider clock, ILogger logger, RelayMetrics? metrics = null) : IQueueStore
{
    private readonly string _folder = QueueFolder.Resolve(options().Path);
    private readonly CancellationTokenSource _closing = new();
    private readonly DiskThreads _disk = new(() => options().DiskTimeout, clock);

    // Nobody gains by guessing it, so OpenSSL need not be loaded for it, which would be a tenth of the start.
    private long _leaseToken = Random.Shared.Next() * (1L << 31);
    private OwnerLock? _owner;
    private FolderUse? _use;
    private BodyFolder? _bodies;
    private ReaderPool? _readers;
    private GroupCommit? _writer;
    private DiskSpace? _space;
    private Task _sweep = Task.CompletedTask;
    private bool _wasShort;
    private bool _disposed;

    public SqliteQueueStore(QueueOptions options, TimeProvider clock, ILogger logger)
        : this(() => options, clock, logger)
    {
    }

    /// <summary>Ends when the left-overs of interrupted messages have been deleted.</summary>
    public Task Swept => _sweep;

    public StoreHealth Health => Writer.Trouble is var trouble and not StoreHealth.Ready ? trouble : IsShort() ? StoreHealth.Full : StoreHealth.Ready;

    public long FreeOctets => _space!.FreeOctets();

    private GroupCommit Writer => _writer ?? throw new InvalidOperationException("The store has not been opened.");

    private ReaderPool Readers => _readers ?? throw new InvalidOperationException("The store has not been opened.");

    private BodyFolder Bodies => _bodies ?? throw new InvalidOperationException("The store has not been opened.");

    public ValueTask OpenAsync(StoreAccess access, CancellationToken cancellationToken)
    {
        try
        {
            switch (access)
            {
                case StoreAccess.Daemon:
                    OpenAsDaemon();
                    break;
                case StoreAccess.Operator:
                    OpenAsOperator();
                    break;
                case StoreAccess.Submitter:
                    OpenAsSubmitter();
                    break;
            }
        }
        catch (Exception error) when (error is SqliteFault or IOException or UnauthorizedAccessException)
        {
            throw new QueueUnavailableException($"The queue in {_folder} cannot be opened: {error.Message}", error);
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _closing.CancelAsync().ConfigureAwait(false);
        await _sweep.ConfigureAwait(false);

        // The writer last: the last connection to close copies the log into the database, which a reader may not.
        _readers?.Dispose();
        _writer?.Dispose();
        EmptyLog();
        _use?.Dispose();
        _owner?.Dispose();
        _closing.Dispose();
    }

    /// <summary>A token that no lease of this message has had: random at the start of the process, growing from there.</summary>
    public long NextLeaseToken() => Interlocked.Increment(ref _leaseToken);

    /// <summary>The octets of a message, if they are those that were accepted.</summary>
    /// <param name="bodyRow">What the body table has.</param>
    /// <param name="what">What is wrong, where it is.</param>
    public MessageContent? OpenContent(QueueId id, StoredEnvelope envelope, byte[]? bodyRow, out string what)
    {
        what = "";
        if (bodyRow is null || BlobWriter.Checksum(id.Value, bodyRow) != envelope.BodyChecksum)
        {
            what = "its stored content does not have its checksum";
            return null;
        }

        if (envelope.BodyPlace == BodyPlace.Row)
        {
            return new MemoryContent(bodyRow);
        }

        // The blocks are compared as they are read; that the file is there, whole, can be told now.
        string path = Bodies.FileOf(id);
        try
        {
            if (new FileInfo(path).Length != envelope.Octets)
            {
                what = $"{path} has not the length it had";
                return null;
            }
        }
        catch (FileNotFoundException)
        {
            what = $"{path} is missing";
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Trouble that may pass: whoever reads it will see.
        }

        return new FileContent(path, envelope.Octets, bodyRow);
    }

    /// <summary>A log that stays (<see cref="SqliteDatabase.EmptyLog"/>) is left empty by a daemon that ends.</summary>
    private void EmptyLog()
    {
        if (_owner is null || !File.Exists(DatabasePath + "-wal"))
        {
            return;
        }

        try
        {
            using SqliteDatabase database = SqliteDatabase.Open(DatabasePath, readOnly: false);
            database.EmptyLog();
        }
        catch (SqliteFault)
        {
            // Then what it holds is read from there.
        }
    }

    /// <summary>Whether free space is below the reserve; told once each time that this changes.</summary>
    private bool IsShort()
    {
        (long free, long reserve) = (FreeOctets, options().MinFreeOctets);
        bool isShort = free < reserve;
        if (Interlocked.Exchange(ref _wasShort, isShort) != isShort)
        {
            if (isShort)
            {
                Log.DiskShort(logger, _folder, free, reserve);
            }
            else
            {
                Log.DiskEnough(logger, _folder, free);
            }
        }

        return isShort;
    }

    public void LogSetAside(QueueId id, string what) => Log.SetAside(logger, id, what);

    private static partial class Log
    {
        [LoggerMessage(EventIds.QueueOpened, LogLevel.Information, "The queue is in {Folder}")]
        public static partial void Opened(ILogger logger, string folder);

        [LoggerMessage(EventIds.StoreUpgrading, LogLevel.Information, "{Folder}: a queue of {Messages} messages is brought up to date, from schema {From} to {To}; a million take some seconds")]
        public static partial void Upgrading(ILogger logger, string folder, int from, int to, long messages);

        [LoggerMessage(EventIds.StoreUpgraded, LogLevel.Information, "{Folder}: the queue has schema {Version} now")]
        public static partial void Upgraded(ILogger logger, string folder, int version);

        [LoggerMessage(EventIds.DiskShort, LogLevel.Warning, "{Folder}: {Free} octets are free, fewer than Queue:MinFreeOctets ({Reserve}); mail is refused (452) until there is room")]
        public static partial void DiskShort(ILogger logger, string folder, long free, long reserve);

        [LoggerMessage(EventIds.DiskEnough, LogLevel.Information, "{Folder}: {Free} octets are free again; mail is taken")]
        public static partial void DiskEnough(ILogger logger, string folder, long free);

        [LoggerMessage(EventIds.MessageSetAside, LogLevel.Error, "{QueueId}: set aside and not sent: {What}")]
        public static partial void SetAside(ILogger logger, QueueId queueId, string what);

        [LoggerMessage(EventIds.StrangersInQueue, LogLevel.Warning, "{Count} things in {Folder} are not the relay's and were left alone: {First}, ...")]
        public static partial void Strangers(ILogger logger, int count, string folder, string first);

        [LoggerMessage(EventIds.OrphansSwept, LogLevel.Information, "{Count} left-overs of interrupted messages were deleted from {Folder}")]
        public static partial void Swept(ILogger logger, int count, string folder);

        [LoggerMessage(EventIds.BodyNotDeleted, LogLevel.Warning, "{QueueId}: its file could not be deleted, which the next start will do: {Reason}")]
        public static partial void BodyNotDeleted(ILogger logger, QueueId queueId, string reason);
    }
}
