using RelayProxy.Delivery;
using RelayProxy.Queue;
using RelayProxy.Telemetry;

namespace RelayProxy.Commands;

/// <summary>Tells the service manager every few seconds that the relay is alive, if it is, and how the queue stands.</summary>
/// <param name="isAlive">Whether the watchdog is to be told so. Nothing here waits for it.</param>
/// <param name="status">A line that says how things stand; it may take its time.</param>
internal sealed class ServiceReports(ServiceManager manager, Func<bool> isAlive, Func<ValueTask<string>> status, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan s_every = TimeSpan.FromSeconds(10);

    private ITimer? _timer;
    private Task _telling = Task.CompletedTask;
    private volatile bool _isStopping;

    /// <summary>How the relay stands.</summary>
    public static async ValueTask<string> StandingAsync(Relay relay, TimeProvider clock)
    {
        QueueTotals totals = await relay.Store.TotalsAsync(CancellationToken.None);
        string queue = totals.Messages == 0 ? "Nothing waits" : TerminalText.Count(totals.Messages, "message") + " in the queue";
        string oldest = totals.OldestReceivedAt is { } since ? $", the oldest for {TerminalText.Age(clock.GetUtcNow() - since)}" : "";
        string held = totals.Held > 0 ? $", {TerminalText.Count(totals.Held, "recipient")} held" : "";
        string parked = totals.Parked > 0 ? $", {totals.Parked} parked" : "";
        string smarthost = relay.Delivery.Snapshot.Trouble is { } trouble ? $"; smarthost: {Rest.Words(trouble)}" : "";
        return queue + oldest + held + parked + smarthost;
    }

    /// <summary>The relay is ready, and goes on being told about until this is disposed of.</summary>
    public void Begin()
    {
        if (manager.IsThere)
        {
            // Three times within what the manager has patience for: one that is late is not yet missed.
            TimeSpan every = manager.WatchdogPatience is { } patience && patience / 3 < s_every ? patience / 3 : s_every;
            manager.Ready();
            _timer = clock.CreateTimer(_ => Report(), null, TimeSpan.Zero, every);
        }
    }

    /// <summary>Signs of life go on while the relay stops; how the queue stands is no longer told.</summary>
    /// <param name="atMost">How long it may take.</param>
    public void Stopping(TimeSpan atMost)
    {
        _isStopping = true;
        manager.Stopping(atMost);
    }

    public void Dispose() => _timer?.Dispose();

    private void Report()
    {
        if (manager.WatchdogPatience is not null && isAlive())
        {
            manager.Alive();
        }

        if (_telling.IsCompleted && !_isStopping)
        {
            _telling = TellAsync();
        }
    }

    private async Task TellAsync()
    {
        string line;
        try
        {
            line = await status();
        }
        catch (Exception fault)
        {
            // Whatever the queue's trouble is, the log has it; here it must not end the signs of life.
            line = $"The queue cannot be read: {fault.Message}";
        }

        if (!_isStopping)
        {
            manager.Status(line);
        }
    }
}
