using RelayProxy.Harness;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Smtp;

public sealed class DeadlineTests : IDisposable
{
    private static readonly TimeSpan s_bound = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_tick = TimeSpan.FromTicks(1);

    private readonly TestClock _clock = new();
    private readonly CancellationTokenSource _outer = new();
    private readonly Deadline _deadline;

    public DeadlineTests() => _deadline = new Deadline(_clock, _outer.Token);

    public void Dispose()
    {
        _deadline.Dispose();
        _outer.Dispose();
    }

    [Fact]
    public void S31_Passes_when_the_bound_does_and_not_a_tick_before()
    {
        _deadline.Start(s_bound);
        _clock.Advance(s_bound - s_tick);
        Expect(passed: false, cancelled: false);
        _clock.Advance(s_tick);
        Expect(passed: true, cancelled: true);
    }

    [Fact]
    public void C13_Each_wait_has_its_own_bound()
    {
        for (int wait = 0; wait < 10; wait++)
        {
            _deadline.Start(s_bound);
            _clock.Advance(s_bound - s_tick);
        }

        Expect(passed: false, cancelled: false);
    }

    [Fact]
    public void A_stopped_deadline_does_not_pass()
    {
        _deadline.Start(s_bound);
        _deadline.Stop();
        _clock.Advance(TimeSpan.FromDays(1));
        Expect(passed: false, cancelled: false);
        _deadline.Start(s_bound);
        _clock.Advance(s_bound);
        Expect(passed: true, cancelled: true);
    }

    [Fact]
    public void What_has_passed_stays_passed()
    {
        _deadline.Start(s_bound);
        _clock.Advance(s_bound);
        _deadline.Start(s_bound);
        Expect(passed: true, cancelled: true);
    }

    [Fact]
    public async Task S32_A_shutdown_is_told_from_a_deadline()
    {
        _deadline.Start(s_bound);
        await _outer.CancelAsync();
        Expect(passed: false, cancelled: true);
        _clock.Advance(s_bound);
        Expect(passed: false, cancelled: true);
    }

    [Fact]
    public void A_disposed_deadline_leaves_no_timer_behind()
    {
        _deadline.Start(s_bound);
        Assert.Equal(1, _clock.Pending);
        _deadline.Dispose();
        Assert.Equal(0, _clock.Pending);
    }

    private void Expect(bool passed, bool cancelled) =>
        Assert.Equal((passed, cancelled), (_deadline.Passed, _deadline.Token.IsCancellationRequested));
}
