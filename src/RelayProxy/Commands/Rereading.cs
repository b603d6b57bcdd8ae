using Microsoft.Extensions.Logging;
using RelayProxy.Configuration;
using RelayProxy.Queue;
using RelayProxy.Telemetry;

namespace RelayProxy.Commands;

/// <summary>
/// What SIGHUP asks for: the settings are read again, and what was deferred is tried now, for whoever sends it has mended
/// something, if not here then at the smarthost. However many signals come, one reading is under way and at most one waits.
/// </summary>
internal sealed partial class Rereading(LiveConfiguration live, Relay relay, ServiceManager manager, TimeProvider clock, ILogger logger)
{
    private readonly Lock _gate = new();
    private bool _waiting;
    private Task _last = Task.CompletedTask;

    /// <summary>Ends with the last reading that was asked for.</summary>
    public Task Done
    {
        get
        {
            lock (_gate)
            {
                return _last;
            }
        }
    }

    /// <summary>Returns at once.</summary>
    public void Ask()
    {
        lock (_gate)
        {
            if (!_waiting)
            {
                _waiting = true;
                _last = ReadAfterAsync(_last);
            }
        }
    }

    private async Task ReadAfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        lock (_gate)
        {
            // What changes from here on may be missed by this reading, so a signal asks for another.
            _waiting = false;
        }

        manager.Reloading();
        try
        {
            live.Reload();
            int due = await relay.Store.ApplyAsync(
                QueueAction.Retry, new QueueSelection { Deferred = true }, clock.GetUtcNow(), CancellationToken.None);
            relay.Reload();
            Log.TriedAgain(logger, due);
        }
        catch (Exception fault)
        {
            // The relay goes on as it was; the operator, who is waiting for an effect, must hear why there is none.
            Log.RereadingFailed(logger, fault);
        }

        manager.Ready();
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.TriedAgain, LogLevel.Information, "SIGHUP: {Messages} deferred messages are tried now")]
        public static partial void TriedAgain(ILogger logger, int messages);

        [LoggerMessage(EventIds.RereadingFailed, LogLevel.Error, "SIGHUP: what was asked for could not be done")]
        public static partial void RereadingFailed(ILogger logger, Exception fault);
    }
}
