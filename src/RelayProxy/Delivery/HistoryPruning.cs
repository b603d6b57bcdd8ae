using RelayProxy.Queue;

namespace RelayProxy.Delivery;

/// <summary>Forgets history that is older than <see cref="QueueOptions.HistoryFor"/>: every few minutes, one bounded step for each look at the
/// queue, so that nothing waits for it. Not for several threads.</summary>
internal sealed class HistoryPruning(IQueueStore store, Func<QueueOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan s_every = TimeSpan.FromMinutes(10);

    private long _finished = clock.GetTimestamp();
    private bool _hasMore;

    public async ValueTask StepAsync(DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!_hasMore && clock.GetElapsedTime(_finished) < s_every)
        {
            return;
        }

        _hasMore = await store.PruneAsync(now - options().HistoryFor, cancellationToken).ConfigureAwait(false);
        _finished = clock.GetTimestamp();
    }
}
