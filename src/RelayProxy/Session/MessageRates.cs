namespace RelayProxy.Session;

/// <summary>
/// How many messages each user of this machine has begun in the last hour, to the minute; whoever cannot be named is counted by address. Memory is
/// bounded: beyond some thousands of users at a time, all others are counted as one.
/// </summary>
internal sealed class MessageRates(TimeProvider clock)
{
    /// <summary>The hour, and the minute that is under way: so no sixty minutes whatever hold more than the limit.</summary>
    private const int Minutes = 61;

    private const int MaxPeers = 4096;

    /// <summary>Whoever hung up before the kernel could name him. He may have come from any address of 127.0.0.0/8.</summary>
    private static readonly (uint?, string) s_unnamed = (null, "unnamed");

    /// <summary>Whoever finds no place of his own.</summary>
    private static readonly (uint?, string) s_others = (null, "others");

    private readonly Lock _gate = new();
    private readonly Dictionary<(uint?, string), Window> _windows = [];
    private long _swept = long.MinValue;

    /// <summary>How many are counted apart.</summary>
    public int Peers
    {
        get
        {
            lock (_gate)
            {
                return _windows.Count;
            }
        }
    }

    /// <summary>Counts a message; or says how long it takes until there is room for one again, and counts nothing.</summary>
    /// <param name="limit">Messages an hour.</param>
    public TimeSpan? Take(SessionPeer peer, int limit)
    {
        lock (_gate)
        {
            TimeSpan now = clock.GetElapsedTime(0);
            long minute = (long)now.TotalMinutes;
            Window window = WindowOf(peer, minute);
            window.MoveTo(minute);
            if (window.Total < limit)
            {
                window.Add(minute);
                return null;
            }

            return TimeSpan.FromMinutes(window.FirstWithRoom(minute, limit)) - now;
        }
    }

    private Window WindowOf(SessionPeer peer, long minute)
    {
        (uint?, string) key = peer.UserId is { } user ? (user, "") : IsLoopback(peer.Address) ? s_unnamed : (null, peer.Address);
        if (_windows.TryGetValue(key, out Window? window))
        {
            return window;
        }

        if (_windows.Count >= MaxPeers)
        {
            Sweep(minute);
            key = _windows.Count >= MaxPeers ? s_others : key;
        }

        return _windows.TryGetValue(key, out window) ? window : _windows[key] = new Window();
    }

    private static bool IsLoopback(string address) => address.StartsWith("127.", StringComparison.Ordinal) || address == "IPv6:::1";

    /// <summary>Forgets who has sent nothing for an hour.</summary>
    private void Sweep(long minute)
    {
        if (_swept == minute)
        {
            return;
        }

        _swept = minute;
        foreach (((uint?, string) key, Window window) in _windows)
        {
            window.MoveTo(minute);
            if (window.Total == 0)
            {
                _windows.Remove(key);
            }
        }
    }

    /// <summary>What one user has begun, minute by minute.</summary>
    private sealed class Window
    {
        private readonly int[] _counts = new int[Minutes];
        private long _minute;

        public int Total { get; private set; }

        public void MoveTo(long minute)
        {
            for (long passed = Math.Max(_minute + 1, minute - Minutes + 1); passed <= minute; passed++)
            {
                ref int count = ref _counts[passed % Minutes];
                Total -= count;
                count = 0;
            }

            _minute = Math.Max(_minute, minute);
        }

        public void Add(long minute)
        {
            _counts[minute % Minutes]++;
            Total++;
        }

        /// <summary>The minute in which fewer than the limit are left.</summary>
        public long FirstWithRoom(long minute, int limit)
        {
            int left = Total;
            long oldest = minute - Minutes + 1;
            while ((left -= _counts[((oldest % Minutes) + Minutes) % Minutes]) >= limit && oldest < minute)
            {
                oldest++;
            }

            return oldest + Minutes;
        }
    }
}
