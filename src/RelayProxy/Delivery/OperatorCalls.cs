using RelayProxy.Queue;

namespace RelayProxy.Delivery;

/// <summary>Sees that an operator's command has asked for mail to be tried now. Not for several threads.</summary>
internal sealed class OperatorCalls(IQueueStore store, TimeProvider clock)
{
    /// <summary>A cron job that asks every few seconds must not become one login every few seconds.</summary>
    private static readonly TimeSpan s_atMostEvery = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);

    private long? _generation;
    private long? _looked;
    private long? _answered;

    public async ValueTask<bool> HaveComeAsync()
    {
        if (_looked is { } looked && clock.GetElapsedTime(looked) < s_look)
        {
            return false;
        }

        _looked = clock.GetTimestamp();
        long generation = await store.FlushGenerationAsync(CancellationToken.None).ConfigureAwait(false);
        if (_generation is null)
        {
            _generation = generation;
            return false;
        }

        if (generation == _generation || (_answered is { } answered && clock.GetElapsedTime(answered) < s_atMostEvery))
        {
            return false;
        }

        (_generation, _answered) = (generation, clock.GetTimestamp());
        return true;
    }
}
