using System.Globalization;
using RelayProxy.Delivery;

namespace RelayProxy.Unit.Delivery;

public class RetryScheduleTests
{
    private static readonly TimeSpan s_first = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(4);

    [Theory]
    [InlineData(0, "00:01:00")]
    [InlineData(1, "00:01:00")]
    [InlineData(2, "00:02:00")]
    [InlineData(4, "00:08:00")]
    [InlineData(8, "02:08:00")]
    [InlineData(9, "04:00:00")]
    [InlineData(1000, "04:00:00")]          // the delay has a ceiling, however long the trouble
    [InlineData(int.MaxValue, "04:00:00")]
    public void C31_Waits_twice_as_long_each_time(int attempts, string pause) =>
        Assert.Equal(TimeSpan.Parse(pause, CultureInfo.InvariantCulture), RetrySchedule.Pause(attempts, s_first, s_longest));

    [Fact]
    public void C31_Tries_at_least_twice_in_the_first_hour()
    {
        TimeSpan second = RetrySchedule.Jittered(RetrySchedule.Pause(1, s_first, s_longest), 0.999);
        TimeSpan third = second + RetrySchedule.Jittered(RetrySchedule.Pause(2, s_first, s_longest), 0.999);

        Assert.InRange(third, TimeSpan.Zero, TimeSpan.FromHours(1));
    }

    [Theory]
    [InlineData(0, "00:08:00")]
    [InlineData(0.5, "00:09:00")]
    [InlineData(0.75, "00:09:30")]
    public void Jitter_only_lengthens_and_by_a_quarter_at_most(double chance, string pause) =>
        Assert.Equal(TimeSpan.Parse(pause, CultureInfo.InvariantCulture), RetrySchedule.Jittered(TimeSpan.FromMinutes(8), chance));

    [Fact]
    public void The_settings_decide()
    {
        var options = new DeliveryOptions { FirstRetry = TimeSpan.FromSeconds(10), MaxRetry = TimeSpan.FromSeconds(30) };
        DateTimeOffset now = new(2026, 11, 22, 5, 0, 0, TimeSpan.Zero);

        Assert.Equal(now.AddSeconds(10), RetrySchedule.Next(now, 1, options, 0));
        Assert.Equal(now.AddSeconds(30), RetrySchedule.Next(now, 3, options, 0));
    }
}
