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
    private const int WarmUpMessages = 20_000;

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
        string folder = options.Folder ?? temporary.Path;
        Directory.CreateDirectory(folder);
        var figures = new Figures();
        await using SqliteQueueStore empty = await OpenAsync(temporary["empty"], StoreAccess.Daemon);

        // What runs often is compiled a second time, with more care.
        var backlog = new Backlog(empty, options.Octets);
        await backlog.PassOnAsync(WarmUpMessages, 50);
        await backlog.AcceptAsync(WarmUpMessages, 50);
        await backlog.DrainAsync(WarmUpMessages);
        foreach (int messages in options.Backlogs)
        {
            figures.Column(messages.ToString("N0", CultureInfo.InvariantCulture));
            await MeasureAsync(empty, Path.Combine(folder, "queue"), messages, options, figures);
        }

        figures.Print();
        return 0;
    }

    private static async Task MeasureAsync(SqliteQueueStore empty, string folder, int messages, ScaleOptions options, Figures figures)
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
            await new RateFigures(empty, options).MeasureAsync(store, figures);
            figures.Add("disk, octets a message", (double)Octets(folder) / messages, "N0");
        }

        await OperatorFigures.MeasureAsync(folder, figures);
        await ProcessFigures.MeasureAsync(folder, figures);
        await RetryFigures.MeasureAsync(folder, options.Octets, figures);
        await DrainFigures.MeasureAsync(folder, figures);
    }

    public static async Task<SqliteQueueStore> OpenAsync(string folder, StoreAccess access)
    {
        var store = new SqliteQueueStore(new QueueOptions { Path = folder, MinFreeOctets = 0 }, TimeProvider.System, NullLogger.Instance);
        await store.OpenAsync(access, default);
        return store;
    }

    private static long Octets(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
}
