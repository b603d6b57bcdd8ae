using System.Globalization;

namespace RelayProxy.Listener;

/// <summary>
/// Whether this process may open as many files as its bounds can need. The .NET runtime aborts a process that runs out of descriptors, so
/// a limit that is too low is a reason not to start, and the bounds see to it that it is never come near.
/// </summary>
internal static class DescriptorBudget
{
    /// <summary>What the runtime, the queue and the log hold open when nothing happens.</summary>
    private const int Idle = 160;

    /// <summary>A connection, and the file that its message streams into.</summary>
    private const int PerConnection = 2;

    /// <summary>Room that is never used up: files opened for a moment, connections that are being refused.</summary>
    private const int Reserve = 768;

    /// <param name="connections">Listener:MaxConnections.</param>
    /// <param name="others">Descriptors that other rooms may have open at the same time: connections to smarthosts, files being read.</param>
    public static long Needed(int connections, int others) => Idle + ((long)connections * PerConnection) + others + Reserve;

    /// <summary>Raises the limit as far as the system lets us; then says what is wrong and the way out, or <c>null</c> if all is well.</summary>
    public static string? Check(int connections, int others = 0) =>
        OperatingSystem.IsLinux() ? Check(connections, others, Raise()) : null;

    /// <param name="limit">How many descriptors this process may have.</param>
    public static string? Check(int connections, int others, ulong limit)
    {
        long needed = Needed(connections, others);
        return limit >= (ulong)needed
            ? null
            : string.Create(
                CultureInfo.InvariantCulture,
                $"Listener:MaxConnections is {connections}, for which {needed} file descriptors can be needed, but this process may have only {limit}; "
                + $"allow more (LimitNOFILE={needed} in the unit, ulimits in compose, ulimit -n), or set Listener:MaxConnections lower");
    }

    /// <summary>The soft limit becomes the hard one; says how many there are now.</summary>
    private static ulong Raise()
    {
        if (LinuxNative.GetLimit(LinuxNative.RlimitNoFile, out LinuxNative.ResourceLimit limit) != 0)
        {
            return ulong.MaxValue;
        }

        var raised = limit with { Soft = limit.Hard };
        return LinuxNative.SetLimit(LinuxNative.RlimitNoFile, raised) == 0 ? raised.Soft : limit.Soft;
    }
}
