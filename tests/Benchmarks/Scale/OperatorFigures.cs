using System.Diagnostics;
using RelayProxy.Benchmarks.Load;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Benchmarks.Scale;

/// <summary>What an operator's questions cost the store, without the start of a process.</summary>
internal static class OperatorFigures
{
    private const int Rounds = 5;
    private const int Screenful = 50;

    public static async Task MeasureAsync(string folder, Figures figures)
    {
        await using SqliteQueueStore store = await ScaleBench.OpenAsync(folder, StoreAccess.Operator);
        await TimeAsync(figures, "queue list | head, ms", () => CountAsync(store.ListAsync(new QueueSelection { Limit = Screenful }, default)));
        await TimeAsync(figures, "totals, ms", () => store.TotalsAsync(default).AsTask());
        List<QueuedMessage> some = await store.ListAsync(new QueueSelection { Limit = 500 }, default).ToListAsync();
        if (some.Count > 0)
        {
            QueuedMessage one = some[^1];
            string address = one.Recipients[0].Recipient.Address.ToString();
            var id = new QueueSelection { Ids = [one.Id] };
            await TimeAsync(figures, "queue show ID, ms", () => CountAsync(store.ListAsync(id, default)));
            await TimeAsync(figures, "trace ID, ms", async () =>
            {
                await CountAsync(store.HistoryAsync(new HistorySelection(one.Id), default));
                await CountAsync(store.ListAsync(id, default));
            });
            await TimeAsync(figures, "trace ADDRESS, history, ms", () => CountAsync(store.HistoryAsync(new HistorySelection(Address: address), default)));
            await TimeAsync(figures, "trace ADDRESS, queue, ms", () => CountAsync(store.ListAsync(new QueueSelection { Address = address }, default)));
            await TimeAsync(figures, "trace an unknown ADDRESS, ms", () => CountAsync(store.ListAsync(new QueueSelection { Address = "nobody@nowhere.example" }, default)));
            await TimeAsync(figures, "queue list --state held, ms", () => CountAsync(store.ListAsync(new QueueSelection { State = RecipientState.Held }, default)));
            long began = Stopwatch.GetTimestamp();
            await store.ApplyAsync(QueueAction.Delete, id, DateTimeOffset.UtcNow, default);
            figures.Add("delete one, ms", Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
    }

    private static async Task TimeAsync(Figures figures, string name, Func<Task> ask)
    {
        var milliseconds = new List<double>();
        for (int i = 0; i < Rounds; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await ask();
            milliseconds.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        figures.Add(name, LoadReport.Median(milliseconds));
    }

    private static async Task<int> CountAsync<T>(IAsyncEnumerable<T> all)
    {
        int count = 0;
        await foreach (T one in all)
        {
            count++;
        }

        return count;
    }
}
