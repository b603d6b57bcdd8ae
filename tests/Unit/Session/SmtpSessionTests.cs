using RelayProxy.Harness;
using RelayProxy.Queue;
using RelayProxy.Session;

namespace RelayProxy.Unit.Session;

/// <summary>What a session does that a dialogue cannot show: writes, bounds, clocks, and what it leaves behind.</summary>
public class SmtpSessionTests
{
    private const string Envelope = "EHLO web1\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.com>\r\n";

    [Fact]
    public async Task A_message_is_taken_and_queued()
    {
        await using var session = new SessionUnderTest();
        Assert.Equal("220 relay.test ESMTP\r\n", session.Hear());

        session.Say(Envelope + "DATA\r\n");
        string reply = session.Say("Subject: x\r\n\r\n..body\r\n.\r\n");

        QueuedMessage message = Assert.Single(session.Store.Messages);
        Assert.Equal($"250 2.0.0 Queued as {message.Id}\r\n", reply);
        Assert.EndsWith("\r\n\r\n.body\r\n", Sequences.Text(session.Store.Octets(message.Id)), StringComparison.Ordinal);
        Assert.Equal("221 2.0.0 Goodbye\r\n", session.Say("QUIT\r\n"));
        Assert.Equal(SessionEnd.Quit, await session.Ended);
    }

    [Fact]
    public async Task E01_Replies_to_a_pipelined_group_leave_in_one_write()
    {
        await using var session = new SessionUnderTest();
        session.Say("EHLO web1\r\n");
        int before = session.Writes;

        string replies = session.Say("MAIL FROM:<a@example.net>\r\nRCPT TO:<b@x.example>\r\nRCPT TO:<c@x.example>\r\nRCPT TO:<d@x.example>\r\nDATA\r\n");

        Assert.Equal(["250", "250", "250", "250", "354"], replies.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line[..3]));
        Assert.Equal(1, session.Writes - before);
    }
}
