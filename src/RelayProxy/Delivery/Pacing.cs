namespace RelayProxy.Delivery;

/// <summary>
/// How many connections a smarthost that throttles gets: half at each throttle, one more for each stretch without. TCP does it this way, for
/// the same reason: the limit is not known, changes, and is shared with others. Guarded by <see cref="SmarthostHealth"/>.
/// </summary>
internal sealed class Pacing
{
    /// <summary>Deliveries for each connection before there may be one more.</summary>
    private const int Stretch = 20;

    private int _limit = int.MaxValue;
    private int _deliveries;

    public int Places(int configured) => Math.Min(configured, _limit);

    /// <param name="keepAll">A smarthost that was said to be unlimited rests, but keeps its connections.</param>
    public void Throttled(int configured, bool keepAll)
    {
        _limit = keepAll ? int.MaxValue : Math.Max(1, Places(configured) / 2);
        _deliveries = 0;
    }

    /// <summary>True if there may be one more connection from now on.</summary>
    public bool Delivered(int configured)
    {
        if (_limit == int.MaxValue || ++_deliveries < Stretch * Places(configured))
        {
            return false;
        }

        _limit = _limit >= configured - 1 ? int.MaxValue : _limit + 1;
        _deliveries = 0;
        return true;
    }
}
