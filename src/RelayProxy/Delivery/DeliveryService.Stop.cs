namespace RelayProxy.Delivery;

/// <content>The end. Nothing here is needed for mail to be safe: what is not settled when the process is killed is leased to nobody at the
/// next start.</content>
internal sealed partial class DeliveryService
{
    /// <summary>For the store to write down what was said in the last moment.</summary>
    private static readonly TimeSpan s_toRecord = TimeSpan.FromSeconds(5);

    private volatile Phase _phase;

    private enum Phase
    {
        Running,

        /// <summary>What is due now is tried once more.</summary>
        LastRound,

        /// <summary>No message is begun any more.</summary>
        Stopped,
    }

    /// <summary>Finishes what is being sent, and with <paramref name="tryOnce"/> sends what is due, each once. When the grace ends the
    /// connections are torn away, and what they were sending is in doubt.</summary>
    public async Task StopAsync(bool tryOnce, TimeSpan grace)
    {
        _handOver.Close();
        _local.Close();
        _phase = tryOnce && grace > TimeSpan.Zero ? Phase.LastRound : Phase.Stopped;
        using ITimer end = _clock.CreateTimer(_ => End(), null, grace, Timeout.InfiniteTimeSpan);
        using ITimer giveUp = _clock.CreateTimer(_ => _settler.Abandon(), null, grace + s_toRecord, Timeout.InfiniteTimeSpan);
        _wake.Call();
        await _loop.ConfigureAwait(false);
        if (_phase == Phase.LastRound)
        {
            await Task.WhenAll(TryOnceAsync(), TryLocalOnceAsync()).ConfigureAwait(false);
        }

        _phase = Phase.Stopped;
        _local.Stop();
        await _runs.WhenNone().ConfigureAwait(false);
        await _local.WhenNone().ConfigureAwait(false);
        await _local.ReleaseAllAsync().ConfigureAwait(false);
        await _source.ReleaseAllAsync().ConfigureAwait(false);
        await _settler.WhenNone().ConfigureAwait(false);
        Log.DeliveryStopped(_logger, _inHand.Count);
    }

    private async Task TryOnceAsync()
    {
        // What is put off from here on is due later than this, and so is not tried again.
        DateTimeOffset due = _clock.GetUtcNow();
        try
        {
            do
            {
                StartRuns();
                await _runs.WhenNone().ConfigureAwait(false);
                if (_health.Resting is not null || _phase == Phase.Stopped)
                {
                    return;
                }
            }
            while (await _source.RefillAsync(due, 64, _abort.Token).ConfigureAwait(false) || !_source.IsEmpty);
        }
        catch (Exception fault)
        {
            Log.DeliveryFault(_logger, fault.Message, fault);
        }
    }

    private async Task TryLocalOnceAsync()
    {
        DateTimeOffset due = _clock.GetUtcNow();
        try
        {
            while (await _local.LookAsync(due).ConfigureAwait(false) || !_local.IsIdle)
            {
                await _local.WhenNone().ConfigureAwait(false);
                if (_phase == Phase.Stopped)
                {
                    return;
                }
            }
        }
        catch (Exception fault)
        {
            Log.DeliveryFault(_logger, fault.Message, fault);
        }
    }

    private void End()
    {
        _phase = Phase.Stopped;
        _abort.Cancel();
    }
}
