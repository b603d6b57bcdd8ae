using RelayProxy.Delivery;
using RelayProxy.Harness;

namespace RelayProxy.Unit.Delivery;

public class WakeTests
{
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(30);
    private readonly TestClock _clock = new();

    [Fact]
    public async Task It_sleeps_until_called()
    {
        using var wake = new Wake(_clock);
        Task waiting = wake.WaitAsync(TimeSpan.FromHours(1));
        Assert.False(waiting.IsCompleted);
        wake.Call();
        await waiting.WaitAsync(s_safety, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task It_sleeps_until_the_clock_says_so()
    {
        using var wake = new Wake(_clock);
        Task waiting = wake.WaitAsync(TimeSpan.FromSeconds(2));
        _clock.Advance(TimeSpan.FromSeconds(1.9));
        Assert.False(waiting.IsCompleted);
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        await waiting.WaitAsync(s_safety, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_call_that_comes_while_it_is_awake_is_kept_and_counts_once()
    {
        using var wake = new Wake(_clock);
        wake.Call();
        wake.Call();
        await wake.WaitAsync(TimeSpan.FromHours(1)).WaitAsync(s_safety, TestContext.Current.CancellationToken);

        Assert.False(wake.WaitAsync(TimeSpan.FromHours(1)).IsCompleted);
    }

    [Fact]
    public void Nothing_to_wait_for_is_no_wait()
    {
        using var wake = new Wake(_clock);
        Assert.True(wake.WaitAsync(TimeSpan.Zero).IsCompleted);
        Assert.Equal(0, _clock.Pending);
    }
}
