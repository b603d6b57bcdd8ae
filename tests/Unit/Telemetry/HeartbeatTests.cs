using RelayProxy.Harness;
using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Telemetry;

public class HeartbeatTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public void It_is_fresh_for_a_minute_after_each_beat()
    {
        var heartbeat = new Heartbeat(_clock);
        _clock.Advance(Heartbeat.Patience);
        Assert.True(heartbeat.IsFresh);

        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(heartbeat.IsFresh);
        Assert.Equal(TimeSpan.FromSeconds(61), heartbeat.Age);

        heartbeat.Beat();
        Assert.True(heartbeat.IsFresh);
    }

    [Fact]
    public void A_wall_clock_that_is_set_makes_it_neither_stale_nor_fresh()
    {
        var heartbeat = new Heartbeat(_clock);
        _clock.SetUtcNow(_clock.GetUtcNow() + TimeSpan.FromDays(1));
        Assert.True(heartbeat.IsFresh);

        _clock.Advance(TimeSpan.FromMinutes(2));
        _clock.SetUtcNow(_clock.GetUtcNow() - TimeSpan.FromDays(2));
        Assert.False(heartbeat.IsFresh);
    }
}
