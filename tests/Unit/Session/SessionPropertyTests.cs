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
    public async Task E26_Every_reply_but_the_greeting_and_those_to_HELO_and_EHLO_has_an_enhanced_status_of_its_class()
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
            }

            Assert.EndsWith("\r\n", reply, StringComparison.Ordinal);
        }
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
