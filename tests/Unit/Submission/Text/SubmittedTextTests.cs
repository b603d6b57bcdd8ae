using System.Text;
using RelayProxy.Submission;
using RelayProxy.Submission.Text;

namespace RelayProxy.Unit.Submission.Text;

public class SubmittedTextTests
{
    [Theory]
    [InlineData("To: a\n\nText\n", "To: a\r\n\r\nText\r\n")]
    [InlineData("To: a\r\n\r\nText\r\n", "To: a\r\n\r\nText\r\n")]
    [InlineData("To: a\r\nSubject: b\n\nText\r\nText\n", "To: a\r\nSubject: b\r\n\r\nText\r\nText\r\n")] // PHP's header over its caller's text
    [InlineData("To: a\r\r\n\r\r\nText\r\r\n", "To: a\r\n\r\nText\r\n")]           // CRLF that was taken for LF
    [InlineData("To: a\n\nText", "To: a\r\n\r\nText\r\n")]                          // no final line end
    [InlineData("To: a\n\nText\r", "To: a\r\n\r\nText\r\n")]
    [InlineData("To: a\n\nOne\rtwo\r\r\rthree", "To: a\r\n\r\nOne\r\ntwo\r\n\r\n\r\nthree\r\n")]
    [InlineData("To: a\rb\n\nText\n", "To: a b\r\n\r\nText\r\n")]                   // begins no field
    [InlineData("To: a\r\r", "To: a\r\n\r\n")]
    [InlineData("To: a\n \t\nBcc: b\n", "To: a\r\n\r\nBcc: b\r\n")]                 // meant as the empty line
    [InlineData("To: a\n\r \nBcc: b\n", "To: a\r\n\r\nBcc: b\r\n")]                 // so is this, whose lone CR becomes a blank
    [InlineData("To: a\n b\nText\n", "To: a\r\n b\r\n\r\nText\r\n")]                // no empty line
    [InlineData("To: a\n b", "To: a\r\n b\r\n\r\n")]                                // nothing but a header
    [InlineData("Text, no field: none\nTo: a\n", "\r\nText, no field: none\r\nTo: a\r\n")]
    [InlineData("One\rtwo\n", "\r\nOne\r\ntwo\r\n")]
    [InlineData(" One\n\n", "\r\n One\r\n\r\n")]
    [InlineData("\nTo: a\n", "\r\nTo: a\r\n")]
    [InlineData("", "\r\n")]
    [InlineData("From ann Mon Nov 22 12:00:00 2026\nTo: a\n\nText\n", "To: a\r\n\r\nText\r\n")]
    [InlineData(">From ann Mon Nov 22 12:00:00 2026\n continued\nTo: a\n\nText\n", "To: a\r\n\r\nText\r\n")]
    [InlineData("From now on\neverything is text\n", "\r\nFrom now on\r\neverything is text\r\n")]
    [InlineData("From now on\n\neverything is text\n", "\r\nFrom now on\r\n\r\neverything is text\r\n")]
    [InlineData("Bcc: b\nTo: a\nbcc : c,\n d\nResent-Bcc: e\nX: y\n\nBcc: f\n", "To: a\r\nX: y\r\n\r\nBcc: f\r\n")]
    public void Makes_a_message_of(string text, string message)
    {
        Assert.Equal(message, Submitted.Message(text));
        for (int atMost = 1; atMost < text.Length; atMost++)
        {
            using var submitted = SubmittedText.Read(new Submitted.Drip(Encoding.Latin1.GetBytes(text), atMost), new TextRequest());
            Assert.Equal(message, Submitted.Message(submitted));
        }
    }

    [Fact]
    public void A_line_of_blanks_ends_the_header_however_long_it_is()
    {
        byte[] text = Encoding.Latin1.GetBytes($"To: a\n{new string(' ', 5000)}\nBcc: b\n");
        foreach (int atMost in (int[])[1, 700, 5000])
        {
            using var submitted = SubmittedText.Read(new Submitted.Drip(text, atMost), new TextRequest());
            Assert.Equal("To: a\r\n\r\nBcc: b\r\n", Submitted.Message(submitted));
        }
    }

    [Theory]
    [InlineData("To: a\n\nOne\n.\nTwo\n", "To: a\r\n\r\nOne\r\n")]
    [InlineData("To: a\r\n\r\nOne\r\n.\r\nTwo\r\n", "To: a\r\n\r\nOne\r\n")]
    [InlineData("To: a\n\nOne\n.", "To: a\r\n\r\nOne\r\n")]
    [InlineData("To: a\n\nOne\n.\r", "To: a\r\n\r\nOne\r\n")]
    [InlineData("To: a\n.\nBcc: b\n", "To: a\r\n\r\n")]
    [InlineData(".\nTwo\n", "\r\n")]
    [InlineData("To: a\n\n..\n.x\n. \n", "To: a\r\n\r\n..\r\n.x\r\n. \r\n")]
    [InlineData("To: a\n\nOne\r.\rTwo\n.\r.\n", "To: a\r\n\r\nOne\r\n.\r\nTwo\r\n.\r\n.\r\n")] // a lone CR begins no line that could end the text
    public void Ends_at_a_lone_dot_if_it_is_to(string text, string message)
    {
        for (int atMost = 1; atMost <= text.Length; atMost++)
        {
            using var submitted = SubmittedText.Read(
                new Submitted.Drip(Encoding.Latin1.GetBytes(text), atMost), new TextRequest { DotEndsText = true });
            Assert.Equal(message, Submitted.Message(submitted));
        }
    }

    [Theory]
    [InlineData("To: a\n\nText\0\n", "line 3 ")]
    [InlineData("To: a\0\n\nText\n", "line 1 ")]
    public void A_NUL_is_refused(string text, string where)
    {
        SubmissionException refusal = Assert.Throws<SubmissionException>(() => Submitted.Read(text));

        Assert.Equal(65, refusal.ExitCode);
        Assert.StartsWith(where, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Warnings_stand_on_top_and_are_one_field_each_whatever_they_hold()
    {
        var request = new TextRequest { Warnings = ["web1: www-data set sender to a@x using -f", "evil\r\nBcc: b\u00fc", new string('w', 90)] };

        string message = Submitted.Message("From www-data\nTo: a\n\nText\n", request);

        Assert.Equal(
            "X-Authentication-Warning: web1: www-data set sender to a@x using -f\r\n"
            + "X-Authentication-Warning: evil\\x0d\\x0aBcc: b\\xc3\\xbc\r\n"
            + $"X-Authentication-Warning:\r\n\t{new string('w', 90)}\r\n"
            + "To: a\r\n\r\nText\r\n",
            message);
    }

    [Theory]
    [InlineData("To: a\nFROM:\n\nText", true)]
    [InlineData("from : b\n", true)]
    [InlineData("To: a\n\nFrom: b\n", false)]
    [InlineData("From b\nTo: a\n", false)]
    public void Knows_whether_the_author_is_named(string text, bool isNamed)
    {
        using SubmittedText submitted = Submitted.Read(text);

        Assert.Equal(isNamed, submitted.HasFrom);
    }

    [Fact]
    public void A_read_error_is_told()
    {
        SubmissionException trouble = Assert.Throws<SubmissionException>(() => SubmittedText.Read(new Broken(), new TextRequest()));

        Assert.Equal(74, trouble.ExitCode);
        Assert.Equal("the text cannot be read to its end: the pipe is a leak; nothing was sent", trouble.Message);
    }

    [Fact]
    public void No_more_is_read_than_shows_that_it_is_too_long()
    {
        var endless = new Endless();

        SubmissionException refusal = Assert.Throws<SubmissionException>(() => SubmittedText.Read(endless, new TextRequest { MaxOctets = 5_000_000 }));

        Assert.Equal(65, refusal.ExitCode);
        Assert.StartsWith("the message is longer than 5000000 octets,", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(endless.Given, 5_000_000, 5_100_000);
    }

    [Theory]
    [InlineData("To: a\n\nText\n", 15, true)]
    [InlineData("To: a\n\nText\n", 14, false)]
    [InlineData("To: a\n\nText", 14, false)]
    [InlineData("To: a\n\nText", 0, true)]
    [InlineData("\n\u00fc", 50, false)]                                             // the fields that are added count
    [InlineData("\n", 10, true)]
    public void The_bound_holds_for_what_is_sent(string text, int bound, bool isTaken)
    {
        var request = new TextRequest { MaxOctets = bound };
        if (isTaken)
        {
            Submitted.Message(text, request);
        }
        else
        {
            Assert.Equal(65, Assert.Throws<SubmissionException>(() => Submitted.Read(text, request)).ExitCode);
        }
    }

    [Fact]
    public void A_header_without_end_is_refused_while_it_is_read()
    {
        var endless = new Endless();
        var request = new TextRequest { RecipientsFromHeader = true };

        SubmissionException refusal = Assert.Throws<SubmissionException>(() => SubmittedText.Read(new Prefixed("X: y\n "u8, endless), request));

        Assert.Equal(65, refusal.ExitCode);
        Assert.Contains("empty line", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(endless.Given, 1, 1_200_000);
    }

    [Theory]
    [InlineData("")]
    [InlineData("To: a\n\n")]
    [InlineData("Content-Type: text/plain\n\n")]
    [InlineData("\u00fc")]
    public void Memory_does_not_grow_with_the_text(string front)
    {
        // A line without end, and one that has to be encoded.
        const long Length = 32 * 1024 * 1024;
        using SubmittedText warm = Submitted.Read("x");
        long before = GC.GetAllocatedBytesForCurrentThread();

        using var submitted = SubmittedText.Read(new Prefixed(Encoding.Latin1.GetBytes(front), new Endless { Length = Length }), new TextRequest());
        long written = 0;
        submitted.WriteTo(octets => written += octets.Length);

        Assert.Equal(submitted.Octets, written);
        Assert.True(written > Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 * 1024 * 1024);
    }

    private sealed class Broken : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => throw new IOException("the pipe is a leak");
    }

    /// <summary>One octet over and over.</summary>
    private sealed class Endless : MemoryStream
    {
        public new long Length { get; init; } = long.MaxValue;

        public long Given { get; private set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = (int)Math.Min(count, Length - Given);
            buffer.AsSpan(offset, read).Fill((byte)'x');
            Given += read;
            return read;
        }
    }

    private sealed class Prefixed(ReadOnlySpan<byte> front, Stream rest) : MemoryStream(front.ToArray())
    {
        private readonly Stream _rest = rest;

        public override int Read(byte[] buffer, int offset, int count)
        {
            int read = base.Read(buffer, offset, count);
            return read > 0 ? read : _rest.Read(buffer, offset, count);
        }
    }
}
