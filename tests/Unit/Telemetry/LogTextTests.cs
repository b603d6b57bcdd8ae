using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Telemetry;

public class LogTextTests
{
    [Theory]
    [InlineData("<a b@x.y>", "<a b@x.y>")]
    [InlineData("j\u00fcrgen@\u4f8b.example", "j\u00fcrgen@\u4f8b.example")]
    [InlineData("a\r\nb", "a\\u000d\\u000ab")]
    [InlineData("\u001b[2J\0\u007f\u0085", "\\u001b[2J\\u0000\\u007f\\u0085")]
    [InlineData("\u202e\u2066\u200b\u2028\u2029\ufeff", "\\u202e\\u2066\\u200b\\u2028\\u2029\\ufeff")]
    public void What_could_move_a_cursor_or_turn_a_line_is_spelled_out(string text, string printable) =>
        Assert.Equal(printable, LogText.Printable(text));

    [Fact]
    public void A_lone_surrogate_is_spelled_out() => Assert.Equal("\\ud83d!", LogText.Printable("\ud83d!"));

    [Fact]
    public void A_long_text_is_cut()
    {
        Assert.Equal("aaaa…", LogText.Printable(new string('a', 100_000), maxLength: 4));
        Assert.Equal("aaaa", LogText.Printable("aaaa", maxLength: 4));
    }
}
