namespace RelayProxy.Session;

/// <summary>How many message octets all sessions together have under way, and a bound on them.</summary>
internal sealed class OctetsInFlight
{
    private long _octets;

    public long Octets => Volatile.Read(ref _octets);

    /// <summary>Whether so many more would still fit.</summary>
    public bool HasRoomFor(long octets, long limit) => octets <= limit - Octets;

    /// <summary>Takes room for so many more octets, if there is any. What was taken is given back with <see cref="Release"/>.</summary>
    public bool TryTake(long octets, long limit)
    {
        if (Interlocked.Add(ref _octets, octets) <= limit)
        {
            return true;
        }

        Interlocked.Add(ref _octets, -octets);
        return false;
    }

    public void Release(long octets) => Interlocked.Add(ref _octets, -octets);
}
