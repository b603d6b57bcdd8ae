using System.Globalization;

namespace RelayProxy.Harness.Load;

/// <summary>What a process and all that it has started use, as the kernel counts it (proc_pid_stat(5)).</summary>
internal sealed class ProcessTree(int root)
{
    /// <summary>Time on a processor so far, that of children who have ended included.</summary>
    public TimeSpan ProcessorTime => ProcessStat.Sum(Members());

    /// <summary>The same, without that of children who are still there.</summary>
    public TimeSpan OwnProcessorTime => ProcessStat.Sum(Members().Take(1));

    /// <summary>Memory held now. What several processes share is counted once, in parts.</summary>
    public long ResidentOctets => Members().Sum(member => Kilobytes($"/proc/{member.Id}/smaps_rollup", "Pss:")) * 1024;

    /// <summary>What the first process holds now, that it shares with others included.</summary>
    public long OwnResidentOctets => Kilobytes($"/proc/{root}/status", "VmRSS:") * 1024;

    /// <summary>The most that the first process ever held.</summary>
    public long PeakOctets => Kilobytes($"/proc/{root}/status", "VmHWM:") * 1024;

    private List<ProcessStat> Members()
    {
        ProcessStat[] all = [.. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(name => char.IsAsciiDigit(name![0])).Select(Read!).OfType<ProcessStat>()];
        return ProcessStat.Tree(all, root);
    }

    private static ProcessStat? Read(string id)
    {
        try
        {
            return ProcessStat.Parse(File.ReadAllText($"/proc/{id}/stat"));
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
            string? line = File.ReadLines(file).FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal).Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
