using RelayProxy.Delivery;
using RelayProxy.Harness;

namespace RelayProxy.Unit.Delivery;

public class PatienceTests
{
    private readonly TestClock _clock = new();
    private readonly Patience _patience;

    public PatienceTests()
    {
        _patience = new Patience(_clock);
        _patience.Begin();
    }

    [Fact]
    public void After_a_start_nobody_is_told_for_ten_minutes_and_nothing_given_up_for_an_hour()
    {
        Assert.Equal((false, false), (_patience.MayTell, _patience.MayGiveUp));
        Pass(TimeSpan.FromMinutes(10));
        Assert.Equal((true, false), (_patience.MayTell, _patience.MayGiveUp));
        Pass(TimeSpan.FromMinutes(50));
        Assert.Equal((true, true), (_patience.MayTell, _patience.MayGiveUp));
    }

    [Theory]
    [InlineData(3650)]
    [InlineData(-3650)]
    public void A_step_of_the_clock_begins_the_hour_anew(int days)
    {
        Pass(TimeSpan.FromHours(2));
        _clock.SetUtcNow(_clock.GetUtcNow().AddDays(days));

        // Already before anybody has looked.
        Assert.Equal((false, false), (_patience.MayTell, _patience.MayGiveUp));
        Assert.Equal(TimeSpan.FromDays(days), _patience.Look());
        Assert.False(_patience.MayTell);
        Assert.Equal(TimeSpan.Zero, _patience.Look());
        Pass(TimeSpan.FromHours(1));
        Assert.True(_patience.MayGiveUp);
    }

    [Fact]
    public void What_the_clock_leaps_forward_is_not_counted_as_waiting_for_the_mail_that_was_there()
    {
        DateTimeOffset before = _clock.GetUtcNow();
        _clock.SetUtcNow(before.AddDays(3650));
        _patience.Look();
        DateTimeOffset after = _clock.GetUtcNow();
        Pass(TimeSpan.FromDays(2));

        Assert.Equal(before.AddDays(2), _patience.NowFor(before));
        Assert.Equal(after.AddDays(2), _patience.NowFor(after));

        // Set right again, it is as if nothing had been.
        _clock.SetUtcNow(before.AddDays(2));
        _patience.Look();
        Assert.Equal(before.AddDays(2), _patience.NowFor(before));
    }

    [Fact]
    public void What_a_machine_sleeps_is_waiting()
    {
        DateTimeOffset before = _clock.GetUtcNow();
        _clock.SetUtcNow(before.AddDays(6));
        _patience.Look();

        Assert.Equal(before.AddDays(6), _patience.NowFor(before));
    }

    [Fact]
    public void What_NTP_corrects_is_no_step()
    {
        Pass(TimeSpan.FromHours(2));
        for (int i = 0; i < 100; i++)
        {
            _clock.SetUtcNow(_clock.GetUtcNow().AddSeconds(i % 2 == 0 ? 1 : -1));
            Assert.Equal(TimeSpan.Zero, _patience.Look());
        }

        Assert.True(_patience.MayGiveUp);
    }

    [Fact]
    public void A_long_pause_of_the_loop_is_no_step()
    {
        Pass(TimeSpan.FromDays(30));

        Assert.True(_patience.MayGiveUp);
    }

    private void Pass(TimeSpan time)
    {
        _clock.Advance(time);
        Assert.Equal(TimeSpan.Zero, _patience.Look());
    }
}
