using Microsoft.Extensions.Logging;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Telemetry;

namespace RelayProxy.Delivery;

/// <summary>
/// Writes settlements into the store while their connections already send the next message. So many at most are under way: a crash
/// between the smarthost's 250 and the record sends those again, and a store that cannot record stops delivery instead of letting it
/// run on unrecorded.
/// </summary>
/// <param name="reportsQueued">Called when reports have been committed: they are due at once.</param>
/// <param name="nextLook">Ends with the look at the queue that is under way, or with the next.</param>
internal sealed partial class Settler(
    IQueueStore store, MailInHand inHand, Action reportsQueued, Func<Task> nextLook, TimeProvider clock, ILogger logger) : IDisposable
{
    /// <summary>Enough to fill one group commit from a few fast connections.</summary>
    private const int MaxUnsettled = 32;

    private static readonly TimeSpan s_longestLook = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _places = new(MaxUnsettled);
    private readonly CancellationTokenSource _abandon = new();
    private readonly RunningTasks _records = new();

    /// <summary>Waits for a place. <see cref="Begin"/> uses it.</summary>
    public Task EnterAsync() => _places.WaitAsync();

    /// <summary>Records in the background, and gives the place back at the end.</summary>
    /// <param name="ended">Called when the message is out of hand again.</param>
    public void Begin(QueueLease lease, Func<ValueTask<Settlement>> record, Action? ended = null) =>
        _records.StartHere(() => RunAsync(lease, record, ended));

    /// <summary>Ends when everything is recorded.</summary>
    public Task WhenNone() => _records.WhenNone();

    /// <summary>Gives up what the store still does not take. Its leases lapse, and it is sent again.</summary>
    public void Abandon() => _abandon.Cancel();

    public void Dispose()
    {
        _places.Dispose();
        _abandon.Dispose();
    }

    private async Task RunAsync(QueueLease lease, Func<ValueTask<Settlement>> record, Action? ended)
    {
        try
        {
            Settlement settlement = await record().ConfigureAwait(false);
            await SettleAsync(settlement).ConfigureAwait(false);
        }
        catch (Exception fault)
        {
            // Nothing of ours may end here unseen: the message would wait for its lease to lapse.
            Log.NeverRecorded(logger, lease.Message.Id, fault.Message, fault);
        }
        finally
        {
            inHand.Remove(lease);
            _places.Release();
            ended?.Invoke();
        }
    }

    private async Task SettleAsync(Settlement settlement)
    {
        try
        {
            for (int tries = 1; ; tries++)
            {
                settlement = settlement with { Lease = inHand.Newest(settlement.Lease) };
                SettleResult result = await store.SettleAsync(settlement, CancellationToken.None).ConfigureAwait(false);
                if (result == SettleResult.Settled)
                {
                    if (settlement.Reports.Count > 0)
                    {
                        reportsQueued();
                    }

                    return;
                }

                if (result == SettleResult.LeaseLost)
                {
                    // Who has it now? If it is ourselves, whoever leased it anew may not have got as far as saying so. Not for ever: the look
                    // may itself be waiting for a place here.
                    await Task.WhenAny(nextLook(), Task.Delay(s_longestLook, clock, _abandon.Token)).ConfigureAwait(false);
                    if (inHand.Newest(settlement.Lease).Token == settlement.Lease.Token)
                    {
                        Log.LeaseLost(logger, settlement.Lease.Message.Id);
                        return;
                    }

                    // Leased again, to ourselves, while it was being settled. The history has been written.
                    settlement = settlement with { History = [] };
                    continue;
                }

                TimeSpan pause = RetrySchedule.Pause(tries, TimeSpan.FromSeconds(1), s_longestPause);
                Log.NotRecorded(logger, settlement.Lease.Message.Id, pause);
                await Task.Delay(pause, clock, _abandon.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            Log.NeverRecorded(logger, settlement.Lease.Message.Id, "the relay stops", null);
        }
        finally
        {
            foreach (PreparedMessage report in settlement.Reports)
            {
                await report.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotRecorded, LogLevel.Error, "{QueueId}: what became of it cannot be recorded; next try in {Pause}")]
        public static partial void NotRecorded(ILogger logger, QueueId queueId, TimeSpan pause);

        [LoggerMessage(EventIds.NeverRecorded, LogLevel.Error, "{QueueId}: what became of it was not recorded, it may be sent again: {Reason}")]
        public static partial void NeverRecorded(ILogger logger, QueueId queueId, string reason, Exception? fault);

        [LoggerMessage(EventIds.LeaseLost, LogLevel.Information, "{QueueId}: was deleted or taken over meanwhile; what became of it is in the history")]
        public static partial void LeaseLost(ILogger logger, QueueId queueId);
    }
}
