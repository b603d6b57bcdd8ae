using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Delivery;

/// <content>The loop: looks at the clock, at what operators ask for, at what is overdue, and fetches what is due.</content>
internal sealed partial class DeliveryService
{
    /// <summary>How soon a change made by an operator's command is seen.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan s_lookAtOverdue = TimeSpan.FromSeconds(30);

    /// <summary>Overdue mail that gets a last attempt waits in memory; beyond so much of it, the rest waits in the store.</summary>
    private const int MostOverdueInMemory = 64;

    private DateTimeOffset? _nextDue;
    private long _lookedAtOverdue;

    private async Task LoopAsync()
    {
        while (_phase == Phase.Running)
        {
            Heartbeat.Beat();
            try
            {
                await LookAsync(_clock.GetUtcNow()).ConfigureAwait(false);
            }
            catch (Exception fault)
            {
                // A store that cannot be read now may be read in two seconds; a loop that has ended delivers nothing ever again.
                Log.DeliveryFault(_logger, fault.Message, fault);
            }

            StartRuns();
            Interlocked.Exchange(ref _looked, NewLook()).SetResult();
            await _wake.WaitAsync(UntilNextLook()).ConfigureAwait(false);
        }

        // Nobody waits for a look that will not come.
        _looked.SetResult();
    }

    private async Task LookAsync(DateTimeOffset now)
    {
        await LookAtClockAsync(now).ConfigureAwait(false);
        if (await _calls.HaveComeAsync().ConfigureAwait(false))
        {
            _health.EndRest();
        }

        if (_health.Trouble is null)
        {
            _handOver.Open(StartRuns);
        }
        else
        {
            _handOver.Close();
        }

        await LookAtOverdueAsync().ConfigureAwait(false);
        await _history.StepAsync(now, _abort.Token).ConfigureAwait(false);
        await _local.LookAsync(now).ConfigureAwait(false);
        if (_health.Resting is not null)
        {
            await _source.ReleaseAllAsync().ConfigureAwait(false);
            return;
        }

        await RefillAsync(now).ConfigureAwait(false);
    }

    /// <summary>A few at a time, however many have waited since the same outage: what fell due, operators and the clock are looked at in
    /// between.</summary>
    private async Task LookAtOverdueAsync()
    {
        bool isTime = _overdueHasMore || _clock.GetElapsedTime(_lookedAtOverdue) >= s_lookAtOverdue;
        if (!isTime || _source.Due >= MostOverdueInMemory)
        {
            return;
        }

        _overdueHasMore = await _overdue.LookAsync(_abort.Token).ConfigureAwait(false);
        _lookedAtOverdue = _clock.GetTimestamp();
        if (_overdueHasMore && _source.Due < MostOverdueInMemory)
        {
            _wake.Call();
        }
    }

    /// <summary>Leases as much as the connections need until the next look: a probe needs one message.</summary>
    private async Task RefillAsync(DateTimeOffset now)
    {
        int wanted = _health.IsProven ? Math.Max(32, 2 * _smarthost().MaxConnections) : _health.Active == 0 && _source.IsEmpty ? 1 : 0;
        if (_source.Due * 2 >= wanted)
        {
            return;
        }

        bool hasMore = _storeHasMore;
        _storeHasMore = false;
        if (!hasMore)
        {
            _nextDue = await _store.NextDueAsync(MailRoute.Smarthost, _abort.Token).ConfigureAwait(false);
            if (_nextDue is null || _nextDue > now)
            {
                return;
            }
        }

        // Set aside first: a report that is queued meanwhile must not be forgotten.
        if (await _source.RefillAsync(now, wanted, _abort.Token).ConfigureAwait(false))
        {
            _storeHasMore = true;
        }
    }

    private async Task LookAtClockAsync(DateTimeOffset now)
    {
        TimeSpan astray = _patience.Look();

        // Set back, the clock would have all mail wait for the old time to come again; the same if it stood in the future at the last run.
        // Where new mail waits to be asked for, it is far ahead by intention, and only what was tried before is tried again.
        bool onlyTried = _queueOptions().SendWhenAsked;
        DateTimeOffset? last = _local.NextDue > _nextDue ? _local.NextDue : _nextDue ?? _local.NextDue;
        bool farAhead = !onlyTried && last - now > (_options().MaxRetry * 2) + TimeSpan.FromDays(1);
        if (astray != TimeSpan.Zero)
        {
            Log.ClockStepped(_logger, astray);
        }

        if (astray < TimeSpan.Zero || farAhead)
        {
            _nextDue = null;

            // A million messages take a while, and each step of it is a sign of life.
            await _store.ApplyAsync(
                QueueAction.Retry, new QueueSelection { Deferred = onlyTried }, now, _ => Heartbeat.Beat(), _abort.Token).ConfigureAwait(false);
        }
    }

    private TimeSpan Sooner(DateTimeOffset? due, TimeSpan wait)
    {
        TimeSpan? untilDue = due - _clock.GetUtcNow();
        return untilDue > TimeSpan.Zero && untilDue < wait ? untilDue.Value : wait;
    }

    private TimeSpan UntilNextLook()
    {
        TimeSpan wait = Sooner(_local.NextDue, s_look);
        if (_health.Resting is { } rest)
        {
            return rest.Left < wait ? rest.Left : wait;
        }

        return Sooner(_nextDue, wait);
    }
}
