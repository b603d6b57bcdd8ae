using RelayProxy.Commands;
using RelayProxy.Harness;

namespace RelayProxy.Unit.Commands;

public class TerminalTextTests
{
    [Theory]
    [InlineData("00:00:00", "0s")]
    [InlineData("-00:00:10", "0s")]
    [InlineData("00:01:59", "119s")]
    [InlineData("00:02:00", "2m")]
    [InlineData("01:59:00", "119m")]
    [InlineData("02:00:00", "2h")]
    [InlineData("1.23:59:00", "47h")]
    [InlineData("2.00:00:00", "2d")]
    [InlineData("400.00:00:00", "400d")]
    public void An_age_is_told_in_its_largest_unit(string age, string text) =>
        Assert.Equal(text, TerminalText.Age(TimeSpan.Parse(age, System.Globalization.CultureInfo.InvariantCulture)));

    [Theory]
    [InlineData(0, "0B")]
    [InlineData(1023, "1023B")]
    [InlineData(1024, "1KiB")]
    [InlineData(1536, "1.5KiB")]
    [InlineData(10_240, "10KiB")]
    [InlineData(26_214_400, "25MiB")]
    [InlineData(3_221_225_472, "3GiB")]
    public void A_size_is_told_in_its_largest_unit(long octets, string text) => Assert.Equal(text, TerminalText.Size(octets));

    [Theory]
    [InlineData(240, "in 4m")]
    [InlineData(-240, "4m ago")]
    [InlineData(0, "now")]
    public void A_time_is_told_as_seen_from_now(int seconds, string text)
    {
        DateTimeOffset now = new TestClock().GetUtcNow();

        Assert.Equal(text, TerminalText.Relative(now.AddSeconds(seconds), now));
    }

    [Fact]
    public void What_others_wrote_cannot_move_the_cursor() =>
        Assert.Equal("a\\u001b[2Jb\\u000ac\\u202ed", TerminalText.Safe("a\e[2Jb\nc\u202ed"));
}
