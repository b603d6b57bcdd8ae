using RelayProxy.Harness;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Smtp;

public class PlainRunTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("a\r\nb\r\n", "a\r\nb\r\n")]
    [InlineData(".a\r\n\r\n", ".a\r\n\r\n")]
    [InlineData("a\r\n.b\r\n", "a\r\n")]
    [InlineData("a\nb", "a")]
    [InlineData("a\rb", "a")]
    [InlineData("a\r\r\nb", "a")]
    [InlineData("a\r\n\nb", "a\r\n")]
    [InlineData("a\r", "a")]
    [InlineData("\r", "")]
    [InlineData("\nb", "")]
    public void Ends_before_what_must_be_looked_at(string content, string run)
    {
        // Behind a block of text of every length, so that it meets every place of a vector.
        for (int length = 0; length < 200; length++)
        {
            string before = new('x', length);
            Assert.Equal(before + run, Run(before + content));
            if (run != content)
            {
                Assert.Equal(before + run, Run(before + content + before));
            }
        }
    }

    private static string Run(string content) => content[..PlainRun.Length(Sequences.Octets(content))];
}
