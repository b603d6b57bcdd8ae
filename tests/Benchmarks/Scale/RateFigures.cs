using System.Diagnostics;
using RelayProxy.Benchmarks.Load;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Benchmarks.Scale;

/// <summary>How fast a store takes mail in and gives it out. A store with a backlog and an empty one take turns, so that what else the machine
/// does slows both.</summary>
internal sealed class RateFigures(SqliteQueueStore empty, ScaleOptions options)
{
    private const int Rounds = 5;
    private const int Sessions = 50;

    public async Task MeasureAsync(SqliteQueueStore store, Figures figures)
    {
        Backlog[] pair = [new Backlog(empty, options.Octets), new Backlog(store, options.Octets)];
        (string Name, Func<Backlog, Task> Work)[] kinds =
        [
            ("handed over and sent", backlog => backlog.PassOnAsync(options.Messages, Sessions)),
            ("accepted", backlog => backlog.AcceptAsync(options.Messages, Sessions)),
            ("drained", backlog => backlog.DrainAsync(options.Messages)),
        ];
        var rates = new List<Rate[]>[] { [], [], [] };
        for (int round = 0; round < Rounds; round++)
        {
            for (int kind = 0; kind < kinds.Length; kind++)
            {
                rates[kind].Add([await MeasureAsync(() => kinds[kind].Work(pair[0])), await MeasureAsync(() => kinds[kind].Work(pair[1]))]);
            }
        }

        for (int kind = 0; kind < kinds.Length; kind++)
        {
            List<Rate[]> rounds = rates[kind];
            string name = kinds[kind].Name;
            figures.Add($"{name}, messages/s", LoadReport.Median(rounds.Select(pair => pair[1].PerSecond)), "N0");
            figures.Add("   of an empty queue's, %", 100 * LoadReport.Median(rounds.Select(pair => pair[1].PerSecond / pair[0].PerSecond)), "N0", name);
            figures.Add("   cpu µs a message", LoadReport.Median(rounds.Select(pair => pair[1].Microseconds)), "N1", name);
            figures.Add("   of an empty queue's, % ", 100 * LoadReport.Median(rounds.Select(pair => pair[1].Microseconds / pair[0].Microseconds)), "N0", name);
        }
    }

    private async Task<Rate> MeasureAsync(Func<Task> run)
    {
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long began = Stopwatch.GetTimestamp();
        await run();
        return new Rate(
            options.Messages / Stopwatch.GetElapsedTime(began).TotalSeconds,
            (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / options.Messages);
    }

    private readonly record struct Rate(double PerSecond, double Microseconds);
}
