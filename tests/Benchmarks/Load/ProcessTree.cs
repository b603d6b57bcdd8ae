using System.Globalization;

namespace RelayProxy.Benchmarks.Load;

/// <summary>What a process and all that it has started use, as the kernel counts it (proc_pid_stat(5)).</summary>
internal sealed class ProcessTree(int root)
{
    /// <summary>USER_HZ, on every Linux that .NET runs on.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>Time on a processor so far, that of children who have ended included.</summary>
    public TimeSpan ProcessorTime => TimeSpan.FromSeconds(Members().Sum(member => member.Ticks) / TicksPerSecond);

    /// <summary>Memory held now. What several processes share is counted once, in parts.</summary>
    public long ResidentOctets => Members().Sum(member => Kilobytes($"/proc/{member.Id}/smaps_rollup", "Pss:")) * 1024;

    /// <summary>What the first process holds now, that it shares with others included.</summary>
    public long OwnResidentOctets => Kilobytes($"/proc/{root}/status", "VmRSS:") * 1024;

    /// <summary>The most that the first process ever held.</summary>
    public long PeakOctets => Kilobytes($"/proc/{root}/status", "VmHWM:") * 1024;

    private List<Member> Members()
    {
        Member[] all = [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => char.IsAsciiDigit(name![0])).Select(Read!).OfType<Member>()];
        var tree = new List<Member>(all.Where(member => member.Id == root));
        for (int i = 0; i < tree.Count; i++)
        {
            tree.AddRange(all.Where(member => member.Parent == tree[i].Id));
        }

        return tree;
    }

    private static Member? Read(string id)
    {
        try
        {
            // The second field, the name, is in brackets and may hold anything.
            string stat = File.ReadAllText($"/proc/{id}/stat");
            string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            const int parent = 1, userTime = 11, childrensSystemTime = 14;
            return new Member(
                int.Parse(id, CultureInfo.InvariantCulture),
                int.Parse(fields[parent], CultureInfo.InvariantCulture),
                fields[userTime..(childrensSystemTime + 1)].Sum(field => long.Parse(field, CultureInfo.InvariantCulture)));
        }
        catch (IOException)
        {
            // It has just ended.
            return null;
        }
    }

    private static long Kilobytes(string file, string field)
    {
        try
        {
            string line = File.ReadLines(file).First(line => line.StartsWith(field, StringComparison.Ordinal));
            return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private sealed record Member(int Id, int Parent, long Ticks);
}
