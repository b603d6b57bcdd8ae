using Microsoft.Extensions.Logging;
using RelayProxy.Telemetry;

namespace RelayProxy.Queue.Sqlite;

/// <summary>
/// When the write-ahead log is copied into the database file. Often enough that the log stays at some megabytes and a start after a
/// crash has little to read; seldom enough that a page changed by many messages is copied once. A copy waits for two syncs, a
/// millisecond or so in which sessions wait too; nobody who reads is waited for.
/// </summary>
internal sealed partial class Checkpoints
{
    /// <summary>4 KiB each. Four times what SQLite itself would have: the pages of messages that come and go at once are copied
    /// a quarter as often, which is a fifth of what a message costs.</summary>
    private const int PagesBetween = 4000;

    /// <summary>How long the log becomes: the pages with their headers, and the group that is the last before a checkpoint.</summary>
    public const int LogOctets = (PagesBetween + 100) * (4096 + 24);

    private int _pages;
    private int _next = PagesBetween;
    private bool _failed;

    /// <summary>Pages in the log, about.</summary>
    public int Pages => _pages;

    /// <summary>Called on the writer's thread, between two groups.</summary>
    public void AfterGroup(SqliteDatabase database, ILogger logger)
    {
        _pages += database.PagesWritten();
        if (_pages < _next)
        {
            return;
        }

        try
        {
            int copied = database.Checkpoint(out int pagesInLog);
            database.PagesWritten();

            // What a reader still needed stays in the log: go on, and look again later.
            _pages = pagesInLog - copied;
            _next = _pages + PagesBetween;
            _failed = false;
        }
        catch (SqliteFault fault) when (fault.IsBusy)
        {
            // Another process is at it.
            _next = _pages + PagesBetween;
        }
        catch (SqliteFault fault)
        {
            // The log has everything; the same pages will be copied again. It only grows meanwhile.
            _next = _pages + PagesBetween;
            if (!_failed)
            {
                _failed = true;
                Log.CheckpointFailed(logger, fault.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.CheckpointFailed, LogLevel.Error, "The queue's log could not be copied into the database, which will be tried again: {Reason}")]
        public static partial void CheckpointFailed(ILogger logger, string reason);
    }
}
