using System.Text;
using System.Text.RegularExpressions;
using RelayProxy.Harness;
using RelayProxy.Session;

namespace RelayProxy.Unit.Session;

/// <summary>What holds for every dialogue.</summary>
public partial class SessionPropertyTests
{
    private const string Dialogue =
        "EHLO web1\r\n" +
        "MAIL FROM:<a@example.net> SIZE=100 BODY=8BITMIME\r\nRCPT TO:<b@example.com> NOTIFY=NEVER\r\nRCPT TO:<>\r\nDATA\r\n" +
        "Subject: x\r\n\r\n..dot\r\n.\r\n" +
        "FOO\r\nNOOP\n" +
        "MAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.com>\r\nBDAT 9\r\nSubject: BDAT 7 LAST\r\ny\r\n\r\n\r\n" +
        "BDAT 3 LAST\r\nabcRSET\r\nVRFY x\r\nMAIL FROM:<a@example.net> FOO=BAR\r\nHELP\r\nQUIT\r\n";

    private static readonly string[] s_commands =
    [
        "HELO", "HELO x", "EHLO", "EHLO x", "MAIL", "MAIL FROM:<>", "MAIL FROM:<a@b..c>", "MAIL FROM:<a@example.net> FOO", "MAIL FROM:<a@example.net> SIZE=x",
        "MAIL FROM:<a@example.net> SIZE=99999999999", "MAIL FROM:<\xc3\xbc@example.net>", "RCPT", "RCPT TO:<>", "RCPT TO:<b@example.com>",
        "RCPT TO:<\xc3\xbc@example.com>", "RCPT TO:<b@example.com> NOTIFY=X", "RCPT TO:<b@local>", "DATA x", "BDAT 1\r\nx", "BDAT 0 LAST", "RSET", "RSET x", "NOOP", "NOOP x", "VRFY",
        "VRFY x", "VRFY \xc3\xbc", "EXPN x", "ETRN x", "TURN", "AUTH PLAIN", "STARTTLS", "HELP", "FOO", "", "\xc3\xbc", "QUIT x",
    ];

    [Fact]
    public async Task E05_However_the_octets_come_the_replies_and_the_messages_are_the_same()
    {
        (string replies, string stored) = await PlayAsync([Dialogue]);
        Assert.Equal(2, stored.Split('\0').Length - 1);

        Assert.Equal((replies, stored), await PlayAsync(Dialogue.Select(octet => octet.ToString())));
        for (int cut = 1; cut < Dialogue.Length; cut++)
        {
            Assert.Equal((replies, stored), await PlayAsync([Dialogue[..cut], Dialogue[cut..]]));
        }
    }

    [Fact]
    public async Task E17_E26_E47_S28_Every_reply_is_short_and_ASCII_and_has_an_enhanced_status_of_its_class()
    {
        await using var session = new SessionUnderTest(new SessionOptions { MaxErrors = 1000 });
        session.Hear();
        foreach (string command in s_commands.Concat(s_commands).Concat(s_commands.Reverse()))
        {
            string reply = session.Say(command + (command.StartsWith("BDAT 1", StringComparison.Ordinal) ? "" : "\r\n"));
            foreach (string line in reply.Split("\r\n")[..^1])
            {
                Assert.True(EnhancedReply().IsMatch(line) || (command is "HELO x" or "EHLO x" && line.StartsWith("250", StringComparison.Ordinal)), $"{command}: {line}");
                Assert.True(line.Length <= 510, line);
                Assert.False(line.StartsWith("521", StringComparison.Ordinal), line);
            }

            Assert.EndsWith("\r\n", reply, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("FOO", "500 5.5.2")]
    [InlineData("MAIL FROM:<a@b..c>", "501 5.1.7")]
    [InlineData("MAIL FROM:<a@example.net> SIZE=x", "501 5.5.4")]
    [InlineData("MAIL FROM:<a@example.net> SIZE=99999999999", "552 5.3.4")]
    [InlineData("MAIL FROM:<a@example.net> FOO=BAR", "555 5.5.4")]
    [InlineData("MAIL FROM:<\xc3\xbc@example.net>", "550 5.6.7")]
    [InlineData("MAIL FROM:<a@example.net>", "250 2.1.0")]
    [InlineData("MAIL FROM:<>\r\nRCPT TO:<b@example.com>", "250 2.1.5")]
    [InlineData("MAIL FROM:<>\r\nRCPT TO:<>", "501 5.1.3")]
    [InlineData("MAIL FROM:<>\r\nRCPT TO:<\xc3\xbc@example.com>", "553 5.6.7")]
    [InlineData("MAIL FROM:<>\r\nRCPT TO:<b@example.com>\r\nRCPT TO:<c@example.com>", "452 4.5.3")]
    [InlineData("MAIL FROM:<>\r\nMAIL FROM:<>", "503 5.5.1")]
    [InlineData("MAIL FROM:<>\r\nRCPT TO:<@>\r\nDATA", "554 5.5.1")]
    [InlineData("VRFY x", "252 2.0.0")]
    [InlineData("AUTH PLAIN", "502 5.5.1")]
    [InlineData("NOOP", "250 2.0.0")]
    [InlineData("QUIT", "221 2.0.0")]
    public async Task E27_Each_condition_has_its_codes(string commands, string codes)
    {
        await using var session = new SessionUnderTest(new SessionOptions { MaxRecipients = 1 });
        session.Say("HELO x\r\n");

        string last = session.Say(commands + "\r\n").Split("\r\n")[^2];

        Assert.StartsWith(codes + " ", last, StringComparison.Ordinal);
    }

    [Fact]
    public async Task S20_No_verb_that_must_be_there_is_unknown()
    {
        await using var session = new SessionUnderTest();
        session.Hear();
        foreach (string verb in new[] { "NOOP", "HELO x", "EHLO x", "RSET", "VRFY x", "MAIL FROM:<>", "RCPT TO:<b@example.com>", "DATA", ".", "QUIT" })
        {
            Assert.DoesNotMatch("^50[02]", session.Say(verb + "\r\n"));
        }
    }

    [GeneratedRegex(@"^([245])\d\d[- ]\1\.\d\.\d{1,2} [\x20-\x7e]+$")]
    private static partial Regex EnhancedReply();

    private static async Task<(string Replies, string Stored)> PlayAsync(IEnumerable<string> pieces)
    {
        await using var session = new SessionUnderTest();
        var replies = new StringBuilder(session.Hear());
        foreach (string piece in pieces)
        {
            replies.Append(session.Say(piece));
        }

        Assert.Equal(SessionEnd.Quit, await session.Ended);
        string stored = string.Concat(session.Store.Messages.Select(message => Sequences.Text(session.Store.Octets(message.Id)) + "\0"));
        return (QueueIds().Replace(replies.ToString(), "ID"), QueueIds().Replace(stored, "ID"));
    }

    [GeneratedRegex(@"[0-9A-HJKMNP-TV-Z]{13}(\.[0-9a-f]{16})?")]
    private static partial Regex QueueIds();
}
