namespace RelayProxy.Harness.Load;

/// <summary>
/// Where the machine's processors were while mail went through it. Of all figures the one that a noisy machine spoils least: time that others
/// take makes a round longer, and not this.
/// </summary>
/// <param name="Server">All processes of the server that is measured.</param>
/// <param name="Generator">Whoever sends.</param>
/// <param name="Machine">All that the kernel knows of, these three included.</param>
internal readonly record struct ProcessorSplit(TimeSpan Server, TimeSpan StandIn, TimeSpan Generator, TimeSpan Machine)
{
    /// <summary>What was spent on anything else; what the kernel does for a message on its own account is in here, too.</summary>
    public TimeSpan Elsewhere => Machine - Server - StandIn - Generator;

    public static ProcessorSplit operator -(ProcessorSplit later, ProcessorSplit earlier) => new(
        later.Server - earlier.Server, later.StandIn - earlier.StandIn, later.Generator - earlier.Generator, later.Machine - earlier.Machine);

    public static ProcessorSplit operator /(ProcessorSplit split, int messages) =>
        new(split.Server / messages, split.StandIn / messages, split.Generator / messages, split.Machine / messages);

    /// <summary>Busy time of all processors together.</summary>
    /// <param name="stat">The first line of <c>/proc/stat</c> (proc_stat(5)).</param>
    public static TimeSpan Busy(string stat)
    {
        // cpu  user nice system idle iowait irq softirq steal guest guest_nice; guest is part of user. Stolen time is nobody's work here.
        long[] ticks = [.. stat.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(long.Parse)];
        return TimeSpan.FromSeconds((ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / 100.0);
    }
}
