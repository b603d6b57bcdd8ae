namespace RelayProxy.Queue;

/// <summary>Free space where the queue lives, asked for at most once a second.</summary>
internal sealed class DiskSpace(string path, TimeProvider clock)
{
    private static readonly TimeSpan s_goodFor = TimeSpan.FromSeconds(1);
    private readonly DriveInfo _drive = new(path);
    private readonly Lock _gate = new();
    private long _askedAt;
    private long _free = long.MaxValue;
    private bool _asked;

    /// <summary>Octets that we may still write; what root alone may use is not counted.</summary>
    public long FreeOctets()
    {
        lock (_gate)
        {
            if (!_asked || clock.GetElapsedTime(_askedAt) >= s_goodFor)
            {
                _askedAt = clock.GetTimestamp();
                _asked = true;
                _free = Ask();
            }

            return _free;
        }
    }

    private long Ask()
    {
        try
        {
            return _drive.AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A file system that does not tell is not a full one; the next write will show.
            return long.MaxValue;
        }
    }
}
