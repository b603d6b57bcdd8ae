using System.Diagnostics;
using RelayProxy.Benchmarks.Load;
using RelayProxy.Harness;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Benchmarks.Scale;

/// <summary><c>queue retry --all</c> as a process beside a daemon that takes mail: how long it takes, and how long it keeps a client waiting.</summary>
internal static class RetryFigures
{
    public static async Task MeasureAsync(string folder, int octets, Figures figures)
    {
        await using SqliteQueueStore store = await ScaleBench.OpenAsync(folder, StoreAccess.Daemon);
        var backlog = new Backlog(store, octets);
        int accepted = 0;
        var milliseconds = new List<double>();
        long began = Stopwatch.GetTimestamp();
        Task<(int Status, string Output)> retry = ChildProcess.RunAsync(
            "dotnet", [RelayProcess.Assembly, "queue", "retry", "--all", $"--Queue:Path={folder}"]);
        while (!retry.IsCompleted)
        {
            long sent = Stopwatch.GetTimestamp();
            await backlog.AcceptAsync(lease: false);
            milliseconds.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            accepted++;
            await Task.Delay(1);
        }

        figures.Add("exec: queue retry --all, s", Stopwatch.GetElapsedTime(began).TotalSeconds, "N2");
        figures.Add("meanwhile, an accept takes, median ms", LoadReport.Median(milliseconds));
        figures.Add("meanwhile, an accept takes, at most ms", milliseconds.Max());

        // All is due at the same instant.
        began = Stopwatch.GetTimestamp();
        IReadOnlyList<QueueLease> due = await store.LeaseDueAsync(DateTimeOffset.UtcNow, 64, TimeSpan.FromHours(1), default);
        figures.Add("lease 64 where all is due, ms", Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        await Task.WhenAll(due.Select(lease => store.SettleAsync(new Settlement { Lease = lease }, default).AsTask()));
        await backlog.DrainAsync(accepted);
    }
}
