using System.Buffers;
using RelayProxy.Harness;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Smtp;

public class SmtpLineTests
{
    private const int MaxLength = 10;

    [Theory]
    [InlineData("NOOP\r\nQUIT\r\n", "Line", "NOOP", "QUIT\r\n")]
    [InlineData("\r\n", "Line", "", "")]
    [InlineData("0123456789\r\n", "Line", "0123456789", "")]
    [InlineData("", "NeedMore", "", "")]
    [InlineData("NOOP", "NeedMore", "", "NOOP")]
    [InlineData("NOOP\r", "NeedMore", "", "NOOP\r")]
    [InlineData("0123456789", "NeedMore", "", "0123456789")]
    [InlineData("0123456789\r", "NeedMore", "", "0123456789\r")]
    [InlineData("NO\rOP", "NeedMore", "", "NO\rOP")]
    [InlineData("0123456789a", "TooLong", "", "0123456789a")]
    [InlineData("0123456789a\r\nQUIT\r\n", "TooLong", "", "0123456789a\r\nQUIT\r\n")]
    [InlineData("0123456789a\nQUIT\r\n", "TooLong", "", "0123456789a\nQUIT\r\n")]
    [InlineData("0123456789\rx", "TooLong", "", "0123456789\rx")]
    public void Ends_a_line_at_CRLF_within_the_bound(string input, string status, string line, string left) =>
        Expect(input, status, line, left);

    [Theory]
    [InlineData("NOOP\nQUIT\r\n", "NOOP", "QUIT\r\n")]
    [InlineData("\n\r\n", "", "\r\n")]
    [InlineData("0123456789\n", "0123456789", "")]
    public void S29_A_line_that_ends_in_LF_alone_is_reported_as_such(string input, string line, string left) =>
        Expect(input, nameof(LineStatus.BareLineFeed), line, left);

    [Theory]
    [InlineData("NO\rOP\r\nQUIT\r\n", "NO\rOP", "QUIT\r\n")]
    [InlineData("NOOP\r\r\n", "NOOP\r", "")]
    [InlineData("NO\rOP\nQUIT\r\n", "NO\rOP", "QUIT\r\n")]
    [InlineData("\rNOOP\r\n", "\rNOOP", "")]
    public void S30_A_CR_inside_a_line_is_reported_and_the_line_goes_up_to_the_next_LF(string input, string line, string left) =>
        Expect(input, nameof(LineStatus.BareCarriageReturn), line, left);

    [Theory]
    [InlineData("tail\r\nNOOP\r\n", "Line", "NOOP\r\n")]
    [InlineData("\r\n", "Line", "")]
    [InlineData("tail\nNOOP\r\n", "BareLineFeed", "NOOP\r\n")]
    [InlineData("ta\ril", "NeedMore", "")]
    [InlineData("tail\r", "NeedMore", "\r")]
    [InlineData("", "NeedMore", "")]
    public void S27_The_rest_of_a_line_that_was_too_long_can_be_thrown_away_as_it_comes(string input, string status, string left)
    {
        foreach (ReadOnlySequence<byte> cut in Sequences.EveryWay(Sequences.Octets(input)))
        {
            ReadOnlySequence<byte> buffer = cut;
            Assert.Equal(status, SmtpLine.Discard(ref buffer).ToString());
            Assert.Equal(left, Sequences.Text(buffer));
        }
    }

    private static void Expect(string input, string status, string line, string left)
    {
        foreach (ReadOnlySequence<byte> cut in Sequences.EveryWay(Sequences.Octets(input)))
        {
            ReadOnlySequence<byte> buffer = cut;
            Assert.Equal(status, SmtpLine.TryTake(ref buffer, MaxLength, out ReadOnlySequence<byte> taken).ToString());
            Assert.Equal(line, Sequences.Text(taken));
            Assert.Equal(left, Sequences.Text(buffer));
        }
    }
}
