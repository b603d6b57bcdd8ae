using RelayProxy.Commands.Manual;

namespace RelayProxy.Unit.Commands.Manual;

public class RoffTests
{
    [Theory]
    [InlineData("plain words", "plain words")]
    [InlineData("--once", @"\-\-once")]                            // a hyphen that can be copied and typed
    [InlineData(@"a\b", @"a\eb")]
    [InlineData(".hidden", @"\&.hidden")]                          // not a request
    [InlineData("'quoted'", @"\(aqquoted\(aq")]
    [InlineData("a \"b\"", @"a \(dqb\(dq")]
    [InlineData("~/.config ^`", @"\(ti/.config \(ha\(ga")]
    [InlineData("5 → … ä", @"5 \[u2192] \[u2026] \[u00E4]")]
    [InlineData("😀", @"\[u1F600]")]
    public void Text_is_printed_as_it_was_written(string text, string roff) => Assert.Equal(roff, Roff.Text(text));

    [Fact]
    public void What_stands_in_backquotes_is_bold() =>
        Assert.Equal(@"Type \fB\-\-all\fR, or not.", Roff.Prose("Type `--all`, or not."));
}
