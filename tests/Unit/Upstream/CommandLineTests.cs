using RelayProxy.Upstream;

namespace RelayProxy.Unit.Upstream;

public class CommandLineTests
{
    [Theory]
    [InlineData("pass show smtp", "pass|show|smtp")]
    [InlineData("  /usr/bin/get \t x ", "/usr/bin/get|x")]
    [InlineData("get 'a b' \"c d\"", "get|a b|c d")]
    [InlineData("get --name='a \"b\" c'", "get|--name=a \"b\" c")]
    [InlineData("get ''", "get|")]
    [InlineData("get $HOME;rm *", "get|$HOME;rm|*")] // No shell: these are letters.
    public void Blanks_separate_and_quotes_keep_together(string text, string words)
    {
        Assert.True(CommandLine.TrySplit(text, out List<string> split));
        Assert.Equal(words, string.Join('|', split));
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("get 'open")]
    [InlineData("get \"open")]
    public void No_word_or_an_open_quote_is_an_error(string text) => Assert.False(CommandLine.TrySplit(text, out _));
}
