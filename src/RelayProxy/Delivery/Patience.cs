namespace RelayProxy.Delivery;

/// <summary>
/// Keeps the wall clock from giving mail up. After a start, after a laptop's sleep and after a step of the clock the dates in the queue prove
/// nothing: mail that looks days old gets an hour's honest trying first. What a step of more than a month adds is never counted as waiting. Not for
/// several threads.
/// </summary>
internal sealed class Patience(TimeProvider clock)
{
    /// <summary>More than NTP corrects on the way.</summary>
    private static readonly TimeSpan s_step = TimeSpan.FromMinutes(2);

    /// <summary>Longer than any sleep: the clock was wrong before, or is now.</summary>
    private static readonly TimeSpan s_farthest = TimeSpan.FromDays(30);

    private static readonly TimeSpan s_beforeGivingUp = TimeSpan.FromHours(1);
    private static readonly TimeSpan s_beforeTelling = TimeSpan.FromMinutes(10);

    private long _since;
    private volatile Glance _last = Glance.At(clock);
    private volatile Leap[] _leaps = [];

    /// <summary>Mail past its time may be bounced. To be asked after the time has been (<see cref="NowFor"/>).</summary>
    public bool MayGiveUp => HasTriedFor(s_beforeGivingUp);

    /// <summary>Senders may be told of a delay. To be asked after the time has been.</summary>
    public bool MayTell => HasTriedFor(s_beforeTelling);

    /// <summary>The time by which to judge how long a message has waited: the wall clock's, without the leaps it has made since the message came.</summary>
    public DateTimeOffset NowFor(DateTimeOffset receivedAt) => _leaps
        .Where(leap => receivedAt <= leap.From)
        .Aggregate(clock.GetUtcNow(), (now, leap) => now - leap.By);

    /// <summary>Delivery starts: the hour begins.</summary>
    public void Begin()
    {
        _last = Glance.At(clock);
        Volatile.Write(ref _since, _last.Timestamp);
    }

    /// <summary>Compares the clocks. To be called every few seconds.</summary>
    /// <returns>By how much the wall clock has gone astray since the last call; zero if it has not.</returns>
    public TimeSpan Look()
    {
        Glance before = _last, now = Glance.At(clock);
        TimeSpan astray = now.AstraySince(before, clock);
        NoteLeap(before.Time, astray);
        bool isStep = astray.Duration() >= s_step;
        if (isStep)
        {
            Volatile.Write(ref _since, now.Timestamp);
        }

        // Last: until then whoever asks sees that there was a step.
        _last = now;
        return isStep ? astray : TimeSpan.Zero;
    }

    /// <summary>Never just after a step, be it one that nobody has looked at yet.</summary>
    private bool HasTriedFor(TimeSpan span) =>
        Glance.At(clock).AstraySince(_last, clock).Duration() < s_step && clock.GetElapsedTime(Volatile.Read(ref _since)) >= span;

    /// <summary>A clock that is set back takes back the leap that set it wrong.</summary>
    private void NoteLeap(DateTimeOffset from, TimeSpan by)
    {
        if (by > s_farthest)
        {
            _leaps = [.. _leaps, new Leap(from, by)];
        }
        else if (by < -s_farthest && _leaps is [.. var before, var last])
        {
            TimeSpan left = last.By + by;
            _leaps = left > s_farthest ? [.. before, last with { By = left }] : before;
        }
    }

    /// <summary>Both clocks at one moment.</summary>
    private sealed record Glance(long Timestamp, DateTimeOffset Time)
    {
        public static Glance At(TimeProvider clock) => new(clock.GetTimestamp(), clock.GetUtcNow());

        public TimeSpan AstraySince(Glance before, TimeProvider clock) => Time - before.Time - clock.GetElapsedTime(before.Timestamp, Timestamp);
    }

    private sealed record Leap(DateTimeOffset From, TimeSpan By);
}
