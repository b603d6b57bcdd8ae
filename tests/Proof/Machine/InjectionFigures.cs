namespace RelayProxy.Proof.Machine;

/// <summary>What came of so many faults.</summary>
internal sealed class InjectionFigures
{
    private int _injected;
    private int _struck;
    private int _refused;
    private TimeSpan _slowestRefusal;
    private TimeSpan _slowestAtLock;
    private TimeSpan _longestAway;
    private string _slowestCall = "none";

    /// <param name="call">What failed. SQLite takes a lock that it cannot have for that of another process, and waits for its end.</param>
    public void Add(string reply, TimeSpan answered, TimeSpan resumed, bool struck, string call)
    {
        bool atLock = call.StartsWith("lock ", StringComparison.Ordinal);
        _injected++;
        _struck += struck ? 1 : 0;
        _longestAway = resumed > _longestAway ? resumed : _longestAway;
        if (!reply.StartsWith('2'))
        {
            _refused++;
            ref TimeSpan slowest = ref atLock ? ref _slowestAtLock : ref _slowestRefusal;
            _slowestCall = !atLock && answered > slowest ? $"{call.Split(' ')[0]} {Path.GetFileName(call)}" : _slowestCall;
            slowest = answered > slowest ? answered : slowest;
        }
    }

    /// <summary>Everything else has been asserted to be none.</summary>
    public void Note(string proof) => Figures.Note(
        proof, ("faults", _struck), ("of", _injected), ("refused", _refused), ("lost", 0), ("altered", 0), ("duplicated", 0), ("false 250", 0),
        ("slowest 4xx ms", (int)_slowestRefusal.TotalMilliseconds), ("after", _slowestCall),
        ("where locks fail ms", (int)_slowestAtLock.TotalMilliseconds), ("longest until mail is taken ms", (int)_longestAway.TotalMilliseconds));
}
