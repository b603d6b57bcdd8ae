namespace RelayProxy.Proof.Machine;

/// <summary>What came of so many faults.</summary>
internal sealed class InjectionFigures
{
    private int _injected;
    private int _struck;
    private int _refused;
    private TimeSpan _slowestRefusal;
    private TimeSpan _longestAway;

    public void Add(FaultyMachine machine, string reply, TimeSpan resumed, bool struck)
    {
        _injected++;
        _struck += struck ? 1 : 0;
        _longestAway = resumed > _longestAway ? resumed : _longestAway;
        _refused += reply.StartsWith('2') ? 0 : 1;
        _slowestRefusal = machine.SlowestRefusal > _slowestRefusal ? machine.SlowestRefusal : _slowestRefusal;
    }

    /// <summary>Everything else has been asserted to be none.</summary>
    public void Note(string proof) => Figures.Note(
        proof, ("faults", _struck), ("of", _injected), ("refused", _refused), ("lost", 0), ("altered", 0), ("duplicated", 0), ("false 250", 0),
        ("slowest 4xx ms", (int)_slowestRefusal.TotalMilliseconds), ("longest until mail is taken ms", (int)_longestAway.TotalMilliseconds));
}
