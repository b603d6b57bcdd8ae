using System.Diagnostics;
using RelayProxy.Benchmarks.Load;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Benchmarks.Scale;

/// <summary><c>queue retry --all</c> beside a daemon that takes mail: how long it takes, and how long it keeps a client waiting.</summary>
internal static class RetryFigures
{
    public static async Task MeasureAsync(string folder, int octets, Figures figures)
    {
        await using SqliteQueueStore store = await ScaleBench.OpenAsync(folder, StoreAccess.Daemon);
        var backlog = new Backlog(store, octets);
        int accepted = 0;
        var milliseconds = new List<double>();
        long began = Stopwatch.GetTimestamp();
        await using SqliteQueueStore command = await ScaleBench.OpenAsync(folder, StoreAccess.Operator);
        Task<int> retry = Task.Run(async () => await command.ApplyAsync(QueueAction.Retry, QueueSelection.All, DateTimeOffset.UtcNow, default));
        while (!retry.IsCompleted)
        {
            long sent = Stopwatch.GetTimestamp();
            await backlog.AcceptAsync(lease: false);
            milliseconds.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            accepted++;
            await Task.Delay(1);
        }

        await retry;
        figures.Add("queue retry --all, s", Stopwatch.GetElapsedTime(began).TotalSeconds, "N2");
        figures.Add("meanwhile, an accept takes, median ms", LoadReport.Median(milliseconds));
        figures.Add("meanwhile, an accept takes, at most ms", milliseconds.Max());

        // All is due at the same instant. What was taken in meanwhile was not there when the command began: it is due first.
        began = Stopwatch.GetTimestamp();
        IReadOnlyList<QueueLease> due = await store.LeaseDueAsync(MailRoute.Smarthost, DateTimeOffset.UtcNow, 64, TimeSpan.FromHours(1), default);
        figures.Add("lease 64 where all is due, ms", Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        await Task.WhenAll(due.Select(lease => store.SettleAsync(new Settlement { Lease = lease }, default).AsTask()));
        await backlog.DrainAsync(accepted);
    }
}
