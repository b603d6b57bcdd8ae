using System.Text;
using RelayProxy.Harness.Load;

namespace RelayProxy.Unit.Harness.Load;

public class StandInSessionTests
{
    private const string Login = "EHLO relay.test\r\nAUTH PLAIN AGxvYWQAc2VjcmV0\r\n";
    private const string Hello =
        "220 smarthost.test ESMTP\r\n250-smarthost.test\r\n250-PIPELINING\r\n250-SIZE 52428800\r\n250-AUTH PLAIN\r\n250-ENHANCEDSTATUSCODES\r\n250-8BITMIME\r\n250 CHUNKING\r\n";

    [Theory]
    [InlineData("MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\nSubject: x\r\n\r\n..\r\n.x\r\n.\r\nQUIT\r\n", "250 250 354 250 221", 1)]
    [InlineData("DATA\r\n.\r\nDATA\r\nx\r\n\r\n.\r\n", "354 250 354 250", 2)]         // an empty message ends with the line that began it
    [InlineData("DATA\r\nx\n.\n\r.\r\n.\r\nQUIT\r\n", "354 250 221", 1)]              // nothing but CRLF.CRLF ends one
    [InlineData("BDAT 5\r\n\r\n.\r\nBDAT 4 LAST\r\nQUITQUIT\r\n", "250 250 221", 1)]  // what is counted is not looked at
    [InlineData("BDAT 0 LAST\r\nRSET\r\nHELP\r\n", "250 250 502", 1)]
    public void It_understands_what_a_smarthost_has_to_however_it_is_cut_up(string said, string codes, int messages)
    {
        byte[] input = Encoding.ASCII.GetBytes(Login + said);
        for (int piece = 1; piece <= input.Length; piece++)
        {
            var tally = new StandInTally();
            var line = new PiecesStream(input, piece);

            new StandInSession(tally, "load", "secret").Run(line);

            string replies = line.Written[(Hello.Length + "235 2.7.0 Authentication successful\r\n".Length)..];
            Assert.Equal(codes, string.Join(' ', replies.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(reply => reply[..3])));
            Assert.Equal(messages, tally.Total);
        }
    }

    [Fact]
    public void A_group_of_commands_is_answered_in_one_write()
    {
        var line = new PiecesStream(Encoding.ASCII.GetBytes(Login + "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n"), int.MaxValue);

        new StandInSession(new StandInTally(), "load", "secret").Run(line);

        Assert.Equal(2, line.Writes);
    }

    [Fact]
    public void More_recipients_than_replies_have_room_for_all_get_theirs()
    {
        const int recipients = 1000;
        var line = new PiecesStream(Encoding.ASCII.GetBytes(Login + string.Concat(Enumerable.Repeat("RCPT TO:<c@d.test>\r\n", recipients)) + "QUIT\r\n"), int.MaxValue);

        new StandInSession(new StandInTally(), "load", "secret").Run(line);

        Assert.Equal(recipients, line.Written.Split("250 2.1.5").Length - 1);
        Assert.EndsWith("221 2.0.0 Bye\r\n", line.Written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AUTH PLAIN AGxvYWQAd3Jvbmc=\r\n", "535")]
    [InlineData("MAIL FROM:<a@b.test>\r\n", "530")]
    public void Nobody_gets_in_without_the_login(string said, string code)
    {
        var line = new PiecesStream(Encoding.ASCII.GetBytes(said), int.MaxValue);

        new StandInSession(new StandInTally(), "load", "secret").Run(line);

        Assert.Contains("\r\n" + code, line.Written, StringComparison.Ordinal);
    }

    /// <summary>What a client says, so many octets at a time, and what it hears.</summary>
    private sealed class PiecesStream(byte[] input, int piece) : MemoryStream(input)
    {
        private readonly StringBuilder _written = new();

        public string Written => _written.ToString();

        public int Writes { get; private set; }

        public override int Read(byte[] buffer, int offset, int count) => base.Read(buffer, offset, Math.Min(count, piece));

        public override void Write(byte[] buffer, int offset, int count)
        {
            _written.Append(Encoding.ASCII.GetString(buffer, offset, count));
            Writes++;
        }
    }
}
