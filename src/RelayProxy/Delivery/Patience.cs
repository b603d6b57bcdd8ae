namespace RelayProxy.Delivery;

/// <summary>
/// Keeps the wall clock from giving mail up. After a start, after a laptop's sleep and after a step of the clock the dates in the queue prove
/// nothing: mail that looks days old gets an hour's honest trying first. Not for several threads.
/// </summary>
internal sealed class Patience(TimeProvider clock)
{
    /// <summary>More than NTP corrects on the way.</summary>
    private static readonly TimeSpan s_step = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan s_beforeGivingUp = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_beforeTelling = TimeSpan.FromMinutes(10);

    private long _since;
    private long _lastTimestamp;
    private DateTimeOffset _lastTime;

    /// <summary>Mail past its time may be bounced.</summary>
    public bool MayGiveUp => clock.GetElapsedTime(Volatile.Read(ref _since)) >= s_beforeGivingUp;

    /// <summary>Senders may be told of a delay.</summary>
    public bool MayTell => clock.GetElapsedTime(Volatile.Read(ref _since)) >= s_beforeTelling;

    /// <summary>Delivery starts: the hour begins.</summary>
    public void Begin()
    {
        (_lastTimestamp, _lastTime) = (clock.GetTimestamp(), clock.GetUtcNow());
        Volatile.Write(ref _since, _lastTimestamp);
    }

    /// <summary>Compares the clocks. To be called every few seconds.</summary>
    /// <returns>By how much the wall clock has gone astray since the last call; zero if it has not.</returns>
    public TimeSpan Look()
    {
        long timestamp = clock.GetTimestamp();
        DateTimeOffset time = clock.GetUtcNow();
        TimeSpan astray = time - _lastTime - clock.GetElapsedTime(_lastTimestamp, timestamp);
        (_lastTimestamp, _lastTime) = (timestamp, time);
        if (astray.Duration() < s_step)
        {
            return TimeSpan.Zero;
        }

        Volatile.Write(ref _since, timestamp);
        return astray;
    }
}
