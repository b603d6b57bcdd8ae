namespace RelayProxy.Delivery;

/// <summary>
/// How many connections a smarthost gets. After a rest two, and one more for each message that it hears out, which doubles them from round
/// to round: whoever just came back is not met by all at once. After a throttle half as many as before, and one more for each stretch
/// without. TCP does both this way, for the same reason: the limit is not known, changes, and is shared with others. Guarded by
/// <see cref="SmarthostHealth"/>.
/// </summary>
internal sealed class Pacing
{
    /// <summary>Deliveries for each connection before there may be one more.</summary>
    private const int Stretch = 20;

    private int _limit = int.MaxValue;
    private int _opened = int.MaxValue;
    private int _deliveries;

    public int Places(int configured) => Math.Min(Limit(configured), _opened);

    /// <summary>Trouble has begun; when it ends, connections open step by step.</summary>
    public void Rested() => _opened = 1;

    /// <param name="keepAll">A smarthost that was said to be unlimited rests, but keeps its connections.</param>
    public void Throttled(int configured, bool keepAll)
    {
        _limit = keepAll ? int.MaxValue : Math.Max(1, Limit(configured) / 2);
        _deliveries = 0;
    }

    /// <summary>True if there may be one more connection from now on.</summary>
    public bool Delivered(int configured)
    {
        bool opens = _opened < Limit(configured);
        _opened = opens ? _opened + 1 : int.MaxValue;
        if (_limit == int.MaxValue || ++_deliveries < Stretch * Limit(configured))
        {
            return opens;
        }

        _limit = _limit >= configured - 1 ? int.MaxValue : _limit + 1;
        _deliveries = 0;
        return true;
    }

    private int Limit(int configured) => Math.Min(configured, _limit);
}
