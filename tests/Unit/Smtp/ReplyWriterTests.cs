using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Smtp;

public class ReplyWriterTests
{
    [Theory]
    [InlineData("Ok", "250 2.1.5 Ok\r\n")]
    [InlineData("", "250 2.1.5\r\n")]
    [InlineData("a\nb\nc", "250-2.1.5 a\r\n250-2.1.5 b\r\n250 2.1.5 c\r\n")]
    [InlineData("a\n\nc", "250-2.1.5 a\r\n250-2.1.5\r\n250 2.1.5 c\r\n")]
    public void E26_The_enhanced_status_code_is_on_each_line(string text, string wire) =>
        Assert.Equal(wire, Write(new SmtpReply(250, 1, 5, text)));

    [Theory]
    [InlineData("web1.example.net ESMTP", "220 web1.example.net ESMTP\r\n")]
    [InlineData("web1\nPIPELINING\nSIZE 10", "220-web1\r\n220-PIPELINING\r\n220 SIZE 10\r\n")]
    [InlineData("", "220\r\n")]
    public void E26_Greeting_and_EHLO_replies_have_none(string text, string wire) =>
        Assert.Equal(wire, Write(new SmtpReply(220, null, text)));

    [Fact]
    public void S28_Only_printable_ASCII_leaves()
    {
        string all = string.Concat(Enumerable.Range(0, 300).Where(code => code != '\n').Select(code => (char)code)) + "\ud83d\ude00";
        string wire = Write(new SmtpReply(501, 1, 3, all));
        Assert.DoesNotContain(wire, letter => letter is not ('\t' or '\r' or '\n' or (>= ' ' and <= '~')));
        Assert.Equal(1, wire.Count(letter => letter == '\r'));
        Assert.Contains("\t", wire, StringComparison.Ordinal);
    }

    [Fact]
    public void E17_UTF8_leaves_only_where_it_was_asked_for()
    {
        var reply = new SmtpReply(553, 6, 7, "gr\u00fc\u00df@example.net\u0085");
        Assert.Equal("553 5.6.7 gr??@example.net?\r\n", Write(reply));
        Assert.Equal("553 5.6.7 gr\u00fc\u00df@example.net?\r\n", Write(reply, allowUtf8: true));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task S28_A_long_text_goes_out_in_lines_of_at_most_512_octets(bool allowUtf8)
    {
        foreach (string text in new[]
        {
            new string('a', 3000),
            string.Join(' ', Enumerable.Repeat("no such user here", 100)),
            string.Concat(Enumerable.Repeat("\ud83d\ude00\u00e9", 300)),
            new string('a', 500) + "\n" + new string('b', 501) + "\n" + new string('c', 502) + "\n" + new string('d', 503),
        })
        {
            string wire = Write(new SmtpReply(550, 1, 1, text), allowUtf8);
            string[] lines = wire.Split("\r\n");
            Assert.Equal("", lines[^1]);
            Assert.All(lines, line => Assert.InRange(Encoding.UTF8.GetByteCount(line), 0, 510));
            Assert.All(lines[..^2], line => Assert.StartsWith("550-5.1.1 ", line, StringComparison.Ordinal));
            Assert.StartsWith("550 5.1.1 ", lines[^2], StringComparison.Ordinal);

            var reader = new ReplyReader(PipeReader.Create(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(wire)))) { AllowUtf8 = true };
            SmtpReply read = await reader.ReadAsync(TestContext.Current.CancellationToken);
            string sent = allowUtf8 ? text : text.Replace("\ud83d\ude00", "?", StringComparison.Ordinal).Replace('\u00e9', '?');
            Assert.Equal(Without(sent), Without(read.Text));
        }

        static string Without(string text) => text.Replace(" ", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
    }

    [Fact]
    public void Long_text_is_folded_at_blanks()
    {
        string word = new('w', 300);
        Assert.Equal($"250-{word}\r\n250 {word}\r\n", Write(new SmtpReply(250, null, $"{word} {word}")));
    }

    private static string Write(SmtpReply reply, bool allowUtf8 = false)
    {
        var output = new ArrayBufferWriter<byte>();
        reply.WriteTo(output, allowUtf8);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
