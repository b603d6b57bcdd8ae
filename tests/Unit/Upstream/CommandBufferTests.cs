using System.Text;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Upstream;

public class CommandBufferTests
{
    [Fact]
    public void Commands_are_put_one_after_the_other_as_UTF8()
    {
        var commands = new CommandBuffer();
        commands.Add("MAIL FROM:<grün@example.net>");
        commands.Add("DATA");

        Assert.Equal("MAIL FROM:<grün@example.net>\r\nDATA\r\n", Encoding.UTF8.GetString(commands.Octets.Span));
        commands.Clear();
        Assert.True(commands.Octets.IsEmpty);
    }

    [Fact]
    public void No_control_character_gets_into_a_command()
    {
        var commands = new CommandBuffer();
        foreach (char control in Enumerable.Range(0, 32).Append(127).Select(code => (char)code))
        {
            InvalidOperationException fault = Assert.Throws<InvalidOperationException>(() => commands.Add($"RCPT TO:<a{control}b@example.net>"));
            Assert.DoesNotContain("example.net", fault.Message, StringComparison.Ordinal);
        }

        Assert.True(commands.Octets.IsEmpty);
    }

    [Theory]
    [InlineData("\u560d\u560a")] // In UTF-16 they end in 0D and 0A.
    [InlineData("\u010a\u010d")]
    public void Letters_whose_code_points_end_in_CR_or_LF_do_not_become_them(string letters)
    {
        var commands = new CommandBuffer();
        commands.Add(letters);

        Assert.DoesNotContain(commands.Octets[..^2].ToArray(), octet => octet < 0x20 || octet == 0x7f);
    }
}
