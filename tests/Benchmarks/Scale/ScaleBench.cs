using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Harness;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Benchmarks.Scale;

/// <summary><c>scale</c>: what a long queue costs, beside an empty one. The store by itself first, then commands and the daemon as processes.</summary>
internal static class ScaleBench
{
    private const int Sessions = 50;

    /// <returns>An exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        ScaleOptions options;
        try
        {
            options = ScaleOptions.Parse(arguments);
        }
        catch (FormatException fault)
        {
            await Console.Error.WriteLineAsync($"{fault.Message}\n\n{ScaleOptions.Help}");
            return 64;
        }

        using var temporary = new TemporaryFolder();
        string folder = Path.Combine(options.Folder ?? temporary.Path, "queue");
        Directory.CreateDirectory(options.Folder ?? temporary.Path);
        var figures = new Figures();

        // What runs often is compiled a second time, with more care.
        await using (SqliteQueueStore store = await OpenAsync(Path.Combine(temporary.Path, "warm-up"), StoreAccess.Daemon))
        {
            var backlog = new Backlog(store, options.Octets);
            await backlog.FillAsync(1000);
            await backlog.PassOnAsync(options.Messages, Sessions);
            await backlog.AcceptAsync(options.Messages, Sessions);
            await backlog.DrainAsync(options.Messages);
        }

        foreach (int messages in options.Backlogs.Prepend(0))
        {
            figures.Column(messages.ToString("N0", CultureInfo.InvariantCulture));
            await MeasureAsync(folder, messages, options, figures);
        }

        figures.Print();
        return 0;
    }

    private static async Task MeasureAsync(string folder, int messages, ScaleOptions options, Figures figures)
    {
        await using (SqliteQueueStore store = await OpenAsync(folder, StoreAccess.Daemon))
        {
            long missing = messages - (await store.TotalsAsync(default)).Messages;
            await new Backlog(store, options.Octets).FillAsync(missing);
        }

        long opening = Stopwatch.GetTimestamp();
        await using (SqliteQueueStore store = await OpenAsync(folder, StoreAccess.Daemon))
        {
            figures.Add("open, ms", Stopwatch.GetElapsedTime(opening).TotalMilliseconds);
            var backlog = new Backlog(store, options.Octets);
            await RateAsync(figures, "handed over and sent", options.Messages, () => backlog.PassOnAsync(options.Messages, Sessions));
            await RateAsync(figures, "accepted", options.Messages, () => backlog.AcceptAsync(options.Messages, Sessions));
            await RateAsync(figures, "drained", options.Messages, () => backlog.DrainAsync(options.Messages));
            figures.Add("disk, octets a message", Octets(folder) / Math.Max(1.0, messages), "N0");
        }

        await OperatorFigures.MeasureAsync(folder, figures);
        await ProcessFigures.MeasureAsync(folder, figures);
        await RetryFigures.MeasureAsync(folder, options.Octets, figures);
    }

    public static async Task<SqliteQueueStore> OpenAsync(string folder, StoreAccess access)
    {
        var store = new SqliteQueueStore(new QueueOptions { Path = folder, MinFreeOctets = 0 }, TimeProvider.System, NullLogger.Instance);
        await store.OpenAsync(access, default);
        return store;
    }

    private static async Task RateAsync(Figures figures, string name, int messages, Func<Task> run)
    {
        TimeSpan processor = Environment.CpuUsage.TotalTime;
        long began = Stopwatch.GetTimestamp();
        await run();
        figures.Add($"{name}, messages/s", messages / Stopwatch.GetElapsedTime(began).TotalSeconds, "N0");
        figures.Add($"{name}, cpu µs a message", (Environment.CpuUsage.TotalTime - processor).TotalMicroseconds / messages);
    }

    private static long Octets(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
}
