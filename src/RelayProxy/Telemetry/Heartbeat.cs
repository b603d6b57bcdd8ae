namespace RelayProxy.Telemetry;

/// <summary>
/// A loop's sign of life: it beats each time it comes round, and whoever wonders asks how long ago that was. Measured on the monotonic
/// clock: neither a step of the wall clock nor a machine that was asleep makes it stale.
/// </summary>
internal sealed class Heartbeat(TimeProvider clock)
{
    /// <summary>The loops come round every few seconds. What takes one of them longer than this is no slow disk any more.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private long _last = clock.GetTimestamp();

    /// <summary>How long ago it beat last; it does when it is made.</summary>
    public TimeSpan Age => clock.GetElapsedTime(Volatile.Read(ref _last));

    public bool IsFresh => Age <= Patience;

    public void Beat() => Volatile.Write(ref _last, clock.GetTimestamp());
}
