using RelayProxy.Queue;

namespace RelayProxy.Delivery;

/// <content>The end. Nothing here is needed for mail to be safe: what is not settled when the process is killed is leased to nobody at the
/// next start.</content>
internal sealed partial class DeliveryService
{
    /// <summary>For the store to write down what was said in the last moment.</summary>
    private static readonly TimeSpan s_toRecord = TimeSpan.FromSeconds(5);

    /// <summary>For what was begun to be finished: a message that is torn away is in doubt.</summary>
    private static readonly TimeSpan s_toFinish = TimeSpan.FromSeconds(5);

    /// <summary>More than can be sent in any grace; a queue of a million is not rewritten for it.</summary>
    private const int MostTriedBeforeTheirTime = 10_000;

    private volatile Phase _phase;

    private enum Phase
    {
        Running,

        /// <summary>All that waits is tried once more.</summary>
        LastRound,

        /// <summary>No message is begun any more.</summary>
        Stopped,
    }

    /// <summary>How much of a grace there is to begin something: all but five seconds of it, or half of a short one.</summary>
    public static TimeSpan ToBegin(TimeSpan grace) => grace - (grace / 2 < s_toFinish ? grace / 2 : s_toFinish);

    /// <summary>Finishes what is being sent, and with <paramref name="tryOnce"/> sends all that waits, each once, whether its time has come or not:
    /// where this queue goes with its container, there is no other time. Nothing is begun after <see cref="ToBegin"/>. When the grace ends the
    /// connections are torn away, and what they were sending is in doubt.</summary>
    public async Task StopAsync(bool tryOnce, TimeSpan grace)
    {
        _handOver.Close();
        _local.Close();
        _phase = tryOnce && grace > TimeSpan.Zero ? Phase.LastRound : Phase.Stopped;
        using ITimer lastCall = _clock.CreateTimer(_ => BeginNothing(), null, ToBegin(grace), Timeout.InfiniteTimeSpan);
        using ITimer end = _clock.CreateTimer(_ => End(), null, grace, Timeout.InfiniteTimeSpan);
        using ITimer giveUp = _clock.CreateTimer(_ => _settler.Abandon(), null, grace + s_toRecord, Timeout.InfiniteTimeSpan);
        _wake.Call();
        await _loop.ConfigureAwait(false);
        if (_phase == Phase.LastRound)
        {
            await EndBackOffAsync().ConfigureAwait(false);
            await Task.WhenAll(TryOnceAsync(), TryLocalOnceAsync()).ConfigureAwait(false);
        }

        BeginNothing();
        await _runs.WhenNone().ConfigureAwait(false);
        await _local.WhenNone().ConfigureAwait(false);
        await _local.ReleaseAllAsync().ConfigureAwait(false);
        await _source.ReleaseAllAsync().ConfigureAwait(false);
        await _settler.WhenNone().ConfigureAwait(false);
        Log.DeliveryStopped(_logger, _inHand.Count);
    }

    /// <summary>The smarthost's rest, and that of every message that was tried before. What waits to be asked for goes on waiting.</summary>
    private async Task EndBackOffAsync()
    {
        _health.EndRest();
        try
        {
            await _store.ApplyAsync(
                QueueAction.Retry, new QueueSelection { Deferred = true, Limit = MostTriedBeforeTheirTime }, _clock.GetUtcNow(), _abort.Token).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            Log.DeliveryFault(_logger, fault.Message, fault);
        }
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

    private void BeginNothing()
    {
        _phase = Phase.Stopped;
        _local.Stop();
    }

    private void End()
    {
        BeginNothing();
        _abort.Cancel();
    }
}
