using RelayProxy.Configuration;

namespace RelayProxy.Unit.Configuration;

public class DurationTests
{
    [Theory]
    [InlineData("30s", "00:00:30")]
    [InlineData("5m", "00:05:00")]
    [InlineData("4h", "04:00:00")]
    [InlineData("5d", "5.00:00:00")]
    [InlineData("1h30m", "01:30:00")]
    [InlineData("1d12h30m5s250ms", "1.12:30:05.2500000")]
    [InlineData(" 90S ", "00:01:30")]
    [InlineData("0", "00:00:00")]
    [InlineData("0s", "00:00:00")]
    [InlineData("00:05:00", "00:05:00")]
    [InlineData("1.02:03:04", "1.02:03:04")]
    public void Reads_what_people_write(string text, string expected)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan duration));
        Assert.Equal(expected, duration.ToString("c", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("30")]              // days to TimeSpan.Parse, seconds to whoever wrote it
    [InlineData("5:00")]            // hours or minutes?
    [InlineData("24:00:00")]        // TimeSpan.Parse would take it for days
    [InlineData("-5m")]
    [InlineData("-00:05:00")]
    [InlineData("30m1h")]
    [InlineData("5m5m")]
    [InlineData("5 minutes")]
    [InlineData("5x")]
    [InlineData("m")]
    [InlineData("5m3")]
    [InlineData("")]
    [InlineData("999999999d999999999d")]
    [InlineData("999999999d")]
    [InlineData("1e3s")]
    public void Refuses_what_could_mean_two_things(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("90s", "1m30s")]
    [InlineData("24h", "1d")]
    [InlineData("0s", "0")]
    [InlineData("1500ms", "1s500ms")]
    [InlineData("00:00:00.0000001", "00:00:00.0000001")]
    public void Writes_the_shortest_form_that_it_reads_back(string text, string shortest)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan duration));
        Assert.Equal(shortest, Duration.Format(duration));
        Assert.True(Duration.TryParse(shortest, out TimeSpan again));
        Assert.Equal(duration, again);
    }
}
