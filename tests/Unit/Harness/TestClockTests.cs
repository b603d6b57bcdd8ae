using RelayProxy.Harness;

namespace RelayProxy.Unit.Harness;

public class TestClockTests
{
    [Fact]
    public void Timers_fire_in_the_order_in_which_they_fall_due()
    {
        var clock = new TestClock();
        DateTimeOffset start = clock.GetUtcNow();
        var fired = new List<string>();
        using ITimer late = clock.CreateTimer(_ => fired.Add($"late {(clock.GetUtcNow() - start).TotalSeconds}"), null, TimeSpan.FromSeconds(20), Timeout.InfiniteTimeSpan);
        using ITimer early = clock.CreateTimer(_ => fired.Add($"early {(clock.GetUtcNow() - start).TotalSeconds}"), null, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));

        clock.Advance(TimeSpan.FromSeconds(21));

        Assert.Equal(["early 5", "early 15", "late 20"], fired);
    }

    [Fact]
    public void A_stopped_timer_stays_silent()
    {
        var clock = new TestClock();
        bool fired = false;
        using ITimer timer = clock.CreateTimer(_ => fired = true, null, TimeSpan.FromSeconds(5), Timeout.InfiniteTimeSpan);
        timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        clock.Advance(TimeSpan.FromDays(1));

        Assert.False(fired);
        Assert.Equal(0, clock.Pending);
    }

    [Fact]
    public async Task A_delay_on_this_clock_ends_when_the_clock_says_so()
    {
        var clock = new TestClock();
        Task delay = Task.Delay(TimeSpan.FromMinutes(5), clock, TestContext.Current.CancellationToken);

        clock.Advance(TimeSpan.FromMinutes(4));
        Assert.False(delay.IsCompleted);

        clock.Advance(TimeSpan.FromMinutes(1));
        await delay.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }
}
