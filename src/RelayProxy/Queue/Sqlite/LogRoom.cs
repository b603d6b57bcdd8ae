using Microsoft.Win32.SafeHandles;

namespace RelayProxy.Queue.Sqlite;

/// <summary>
/// Makes the write-ahead log as long as it will become, once the store is in use, a little at a time and when nobody waits. A sync
/// after appending has to write the file's new length too, which costs many times what a sync after overwriting costs.
/// </summary>
internal sealed class LogRoom(string databasePath)
{
    private const int StepOctets = 512 * 1024;

    /// <summary>A queue that sees a few messages an hour needs no room.</summary>
    private const int InUsePages = 250;

    private readonly string _log = databasePath + "-wal";
    private bool _done;

    /// <summary>Called on the writer's thread, between two groups.</summary>
    /// <param name="pagesInLog">How many there are about now.</param>
    public void Step(Ledger ledger, int pagesInLog)
    {
        if (_done || pagesInLog < InUsePages)
        {
            return;
        }

        try
        {
            // While we may write nobody else does: not even a command can add pages at this moment where the zeros go.
            ledger.Begin();
            _done = Extend();
        }
        catch (Exception error) when (error is IOException or SqliteFault)
        {
            // The log grows without this too.
            _done = true;
        }

        try
        {
            ledger.Rollback();
        }
        catch (SqliteFault)
        {
            // The next group finds out, and deals with it.
        }
    }

    /// <summary>Zeros are no pages: SQLite stops reading a log there. Closing the handle is harmless, for SQLite's locks are on the
    /// other two files.</summary>
    /// <returns>Whether it is long enough now.</returns>
    private bool Extend()
    {
        using SafeFileHandle file = DurableFile.OpenWrite(_log);
        long length = DurableFile.Length(file);
        int octets = (int)Math.Min(StepOctets, Checkpoints.LogOctets - length);
        if (octets > 0)
        {
            DurableFile.Write(file, new byte[octets], length);
            DurableFile.Sync(file, _log);
        }

        return octets < StepOctets;
    }
}
