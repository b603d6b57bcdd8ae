namespace RelayProxy.Queue.Sqlite;

/// <summary>A few read-only connections. Each is used for a moment and given back, so that no reader keeps the log from being
/// begun anew.</summary>
/// <param name="damaged">Told when what was read shows that the database is damaged.</param>
internal sealed class ReaderPool(string path, Action<string> damaged) : IDisposable
{
    private const int Most = 4;
    private readonly SemaphoreSlim _places = new(Most);
    private readonly Stack<SqliteDatabase> _idle = new();
    private bool _disposed;

    /// <summary>Reads something.</summary>
    /// <exception cref="QueueUnavailableException"/>
    public async ValueTask<T> ReadAsync<T>(Func<SqliteDatabase, T> read, CancellationToken cancellationToken)
    {
        await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
        SqliteDatabase? database = null;
        try
        {
            database = Take();
            T result = read(database);
            GiveBack(database);
            database = null;
            return result;
        }
        catch (SqliteFault fault)
        {
            if (fault.IsDamage)
            {
                damaged(fault.Message);
            }

            throw new QueueUnavailableException($"{path} cannot be read: {fault.Message}", fault);
        }
        finally
        {
            // One that failed is not used again.
            database?.Dispose();
            _places.Release();
        }
    }

    /// <summary>Closes every connection, and lets nobody read until <see cref="Resume"/>.</summary>
    public void Pause()
    {
        for (int place = 0; place < Most; place++)
        {
            _places.Wait();
        }

        CloseIdle();
    }

    public void Resume() => _places.Release(Most);

    public void Dispose()
    {
        lock (_idle)
        {
            _disposed = true;
        }

        CloseIdle();
    }

    private void CloseIdle()
    {
        lock (_idle)
        {
            while (_idle.TryPop(out SqliteDatabase? database))
            {
                database.Dispose();
            }
        }
    }

    private SqliteDatabase Take()
    {
        lock (_idle)
        {
            if (_idle.TryPop(out SqliteDatabase? idle))
            {
                return idle;
            }
        }

        SqliteDatabase database = SqliteDatabase.Open(path, readOnly: true);
        Pragmas.ForReader(database);
        return database;
    }

    private void GiveBack(SqliteDatabase database)
    {
        lock (_idle)
        {
            if (!_disposed)
            {
                _idle.Push(database);
                return;
            }
        }

        database.Dispose();
    }
}
