using RelayProxy.Commands.Mailq;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary><c>sendmail -q…</c>: what waits is tried now. Once: the relay comes back to it by itself, and needs no interval to be told.</summary>
internal static class QueueRun
{
    /// <summary>Messages that are asked for at a time.</summary>
    private const int Step = 256;

    /// <param name="file"><c>--config</c>.</param>
    /// <param name="say">Told how many it were; <c>null</c> if nobody wants to know.</param>
    /// <returns>An <see cref="ExitCode"/>; 0 also if nothing waits.</returns>
    public static async Task<int> RunAsync(CommandContext context, string? file, QueueMatch match, Action<string>? say)
    {
        await using IQueueStore store = await context.OpenQueueAsync(file, CancellationToken.None);
        DateTimeOffset now = context.Clock.GetUtcNow();
        int messages = match.IsAll
            ? await store.ApplyAsync(QueueAction.Retry, QueueSelection.All, now, CancellationToken.None)
            : await RetryAsync(store, match, now);
        say?.Invoke($"{TerminalText.Count(messages, "message")} to be tried now");
        return ExitCode.Ok;
    }

    private static async Task<int> RetryAsync(IQueueStore store, QueueMatch match, DateTimeOffset now)
    {
        int messages = 0;
        var step = new List<QueueId>(Step);
        await foreach (QueuedMessage message in store.ListAsync(match.Selection, CancellationToken.None))
        {
            if (match.Includes(message))
            {
                step.Add(message.Id);
            }

            if (step.Count == Step)
            {
                messages += await RetryAsync(store, step, now);
            }
        }

        return messages + (step.Count == 0 ? 0 : await RetryAsync(store, step, now));
    }

    private static async ValueTask<int> RetryAsync(IQueueStore store, List<QueueId> ids, DateTimeOffset now)
    {
        int messages = await store.ApplyAsync(QueueAction.Retry, new QueueSelection { Ids = [.. ids] }, now, CancellationToken.None);
        ids.Clear();
        return messages;
    }
}
