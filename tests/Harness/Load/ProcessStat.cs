using System.Globalization;

namespace RelayProxy.Harness.Load;

/// <summary>A process at one moment (proc_pid_stat(5)).</summary>
/// <param name="Ticks">On a processor so far, in user mode and in the kernel, that of children who have ended and were waited for included.</param>
internal sealed record ProcessStat(int Id, int Parent, long Ticks)
{
    /// <summary>USER_HZ, on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <param name="stat">The text of <c>/proc/PID/stat</c>.</param>
    public static ProcessStat Parse(string stat)
    {
        // The second field, the name, is in brackets and may hold anything.
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        const int parent = 1, userTime = 11, childrensSystemTime = 14;
        return new ProcessStat(
            int.Parse(stat.AsSpan(0, stat.IndexOf(' ', StringComparison.Ordinal)), CultureInfo.InvariantCulture),
            int.Parse(fields[parent], CultureInfo.InvariantCulture),
            fields[userTime..(childrensSystemTime + 1)].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)));
    }

    /// <summary>A process, first, and all that descend from it.</summary>
    public static List<ProcessStat> Tree(IReadOnlyCollection<ProcessStat> all, int root)
    {
        var tree = new List<ProcessStat>(all.Where(member => member.Id == root));
        for (int i = 0; i < tree.Count; i++)
        {
            tree.AddRange(all.Where(member => member.Parent == tree[i].Id));
        }

        return tree;
    }

    public static TimeSpan Sum(IEnumerable<ProcessStat> processes) =>
        TimeSpan.FromSeconds(processes.Sum(process => process.Ticks) / TicksPerSecond);
}
