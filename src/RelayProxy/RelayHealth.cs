using System.Globalization;
using RelayProxy.Configuration;
using RelayProxy.Delivery;
using RelayProxy.Listener;
using RelayProxy.Queue;
using RelayProxy.Telemetry;

namespace RelayProxy;

/// <summary>
/// How the relay is, asked of every room: is it alive (if not, a restart may help), and is it ready (can mail be taken and kept). A smarthost that is
/// away is told and makes it neither, unless the settings say so: no restart brings it back, and mail can still be taken.
/// </summary>
internal sealed class RelayHealth(
    SmtpListener listener, IQueueStore store, DeliveryService delivery, Func<RelayOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan s_longestAnswer = TimeSpan.FromSeconds(5);

    /// <summary>A disk that is busy with somebody's backup is not yet ill; whoever asks by the command <c>health</c> waits for 10.</summary>
    private static readonly TimeSpan s_longestCommit = TimeSpan.FromSeconds(8);

    /// <summary>However many ask, the disk syncs no more than once in this time for it.</summary>
    private static readonly TimeSpan s_goodFor = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<string?>? _commit;
    private long _commitBegan;
    private volatile bool _stopping;

    /// <summary>
    /// Whether the loops still come round, for a watchdog that would end and restart the process if they did not. While the store takes nothing
    /// delivery waits for it, and a restart would not mend that.
    /// </summary>
    public bool IsAlive => _stopping || delivery.Heartbeat.IsFresh || store.Health != StoreHealth.Ready;

    /// <summary>From here on the door is closed by intention.</summary>
    public void Stopping() => _stopping = true;

    public async Task<HealthReport> LiveAsync(CancellationToken cancellationToken) =>
        new([await DoorAsync(isReadiness: false, cancellationToken), Delivery()]);

    public async Task<HealthReport> ReadyAsync(CancellationToken cancellationToken) =>
        new([await DoorAsync(isReadiness: true, cancellationToken), .. (await InsideAsync(cancellationToken)).Findings]);

    /// <summary>As <see cref="ReadyAsync"/>, for somebody who has come in by the door.</summary>
    public async Task<HealthReport> InsideAsync(CancellationToken cancellationToken) =>
        new([Delivery(), await QueueAsync(cancellationToken), Disk(), Smarthost()]);

    private async Task<HealthFinding> DoorAsync(bool isReadiness, CancellationToken cancellationToken)
    {
        string? trouble = _stopping
            ? "the relay is stopping"
            : (await ListenerProbe.AskAsync(listener.Endpoints, askHealth: false, s_longestAnswer, clock, cancellationToken)).Trouble;
        return new HealthFinding("listener", trouble, Counts: isReadiness || !_stopping);
    }

    private HealthFinding Delivery() => new("delivery", IsAlive ? null : string.Create(
        CultureInfo.InvariantCulture, $"its loop has not come round for {delivery.Heartbeat.Age.TotalSeconds:0} s"));

    private async Task<HealthFinding> QueueAsync(CancellationToken cancellationToken)
    {
        string? trouble;
        try
        {
            trouble = await CommitAsync().WaitAsync(s_longestCommit, clock, cancellationToken);
        }
        catch (TimeoutException)
        {
            trouble = $"a commit takes longer than {s_longestCommit.TotalSeconds:0} s";
        }

        return new HealthFinding("queue", trouble ?? (store.Health == StoreHealth.Suspect ? "it could not be written, and is not proved well yet" : null));
    }

    private Task<string?> CommitAsync()
    {
        lock (_gate)
        {
            if (_commit is null || (_commit.IsCompleted && clock.GetElapsedTime(_commitBegan) >= s_goodFor))
            {
                _commitBegan = clock.GetTimestamp();
                _commit = store.ProbeAsync(CancellationToken.None).AsTask();
            }

            return _commit;
        }
    }

    private HealthFinding Disk()
    {
        (long free, long reserve) = (store.FreeOctets, options().Queue.MinFreeOctets);
        return new HealthFinding("disk", free >= reserve ? null : string.Create(
            CultureInfo.InvariantCulture, $"{free} octets are free, fewer than Queue:MinFreeOctets ({OctetCount.Format(reserve)})"));
    }

    private HealthFinding Smarthost() => new(
        "smarthost", delivery.Snapshot.Trouble is { } reason ? Rest.Words(reason) : null, Counts: options().Telemetry.ReadyNeedsSmarthost);
}
