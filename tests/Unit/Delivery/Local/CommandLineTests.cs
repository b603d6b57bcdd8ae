using RelayProxy.Delivery.Local;

namespace RelayProxy.Unit.Delivery.Local;

public class CommandLineTests
{
    [Theory]
    [InlineData("/usr/bin/procmail", "/usr/bin/procmail")]
    [InlineData("  a  b\tc ", "a|b|c")]
    [InlineData("a 'b c' \"d e\"", "a|b c|d e")]
    [InlineData("a ''", "a|")]
    [InlineData("a b'c'\"d\"e", "a|bcde")]
    [InlineData("a 'b|c;d&e>f$g`h*'", "a|b|c;d&e>f$g`h*")]
    [InlineData("a \\$HOME \"\\$HOME\" \"a\\b\" 'a\\b'", "a|$HOME|$HOME|a\\b|a\\b")]
    [InlineData("a \"b'c\" 'd\"e'", "a|b'c|d\"e")]
    public void A_line_is_taken_apart_as_a_shell_would_its_quotes(string line, string words)
    {
        Assert.True(CommandLine.TryParse(line, out IReadOnlyList<string>? parsed, out _));
        Assert.Equal(words, string.Join('|', parsed));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("  ", "empty")]
    [InlineData("a 'b", "no other")]
    [InlineData("a \"b", "no other")]
    [InlineData("a \\", "backslash")]
    [InlineData("a | b", "it holds |")]
    [InlineData("a; b", "it holds ;")]
    [InlineData("a && b", "it holds &")]
    [InlineData("a > b", "it holds >")]
    [InlineData("a $HOME", "it holds $")]
    [InlineData("a \"$HOME\"", "it holds $")]
    [InlineData("a `id`", "it holds `")]
    [InlineData("a *", "it holds *")]
    public void What_only_a_shell_understands_is_refused(string line, string why)
    {
        Assert.False(CommandLine.TryParse(line, out _, out string said));
        Assert.Contains(why, said, StringComparison.Ordinal);
    }
}
