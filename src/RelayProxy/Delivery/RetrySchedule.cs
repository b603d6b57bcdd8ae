namespace RelayProxy.Delivery;

/// <summary>When to try again (RFC 5321 §4.5.4.1): pauses that double from the first to the longest. Pure.</summary>
internal static class RetrySchedule
{
    /// <summary>The pause after so many attempts, the one just made included.</summary>
    public static TimeSpan Pause(int attempts, TimeSpan first, TimeSpan longest)
    {
        // 2^40 minutes is two million years: no need to count further, and nothing overflows.
        double ticks = first.Ticks * Math.Pow(2, Math.Clamp(attempts - 1, 0, 40));
        return ticks >= longest.Ticks ? longest : TimeSpan.FromTicks((long)ticks);
    }

    /// <summary>The pause made up to a quarter longer, so that what failed together does not come back together.</summary>
    /// <param name="chance">At least 0, less than 1.</param>
    public static TimeSpan Jittered(TimeSpan pause, double chance) => pause + (pause / 4 * chance);

    /// <summary>The time of the next attempt.</summary>
    public static DateTimeOffset Next(DateTimeOffset now, int attempts, DeliveryOptions options, double chance) =>
        now + Jittered(Pause(attempts, options.FirstRetry, options.MaxRetry), chance);
}
