using RelayProxy.Harness;
using RelayProxy.Queue;
using RelayProxy.Session;

namespace RelayProxy.Unit.Session;

/// <summary>What a session does that a dialogue cannot show: how often it writes, what it stores, and what it leaves behind.</summary>
public class SmtpSessionTests
{
    private const string Envelope = "EHLO web1\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.com>\r\n";

    [Fact]
    public async Task A_message_is_taken_and_queued()
    {
        await using var session = new SessionUnderTest();
        Assert.Equal("220 relay.test ESMTP\r\n", session.Hear());

        session.Say(Envelope + "DATA\r\n");
        string reply = session.Say("Subject: x\r\n\r\nbody\r\n.\r\n");

        QueuedMessage message = Assert.Single(session.Store.Messages);
        Assert.Equal($"250 2.0.0 Queued as {message.Id}\r\n", reply);
        Assert.Equal("221 2.0.0 Goodbye\r\n", session.Say("QUIT\r\n"));
        Assert.Equal(SessionEnd.Quit, await session.Ended);
    }

    [Theory]
    [InlineData("..x\r\n", ".x\r\n")]
    [InlineData(".x\r\n", "x\r\n")]
    [InlineData("...\r\n", "..\r\n")]
    [InlineData("a\r\n..\r\nb\r\n", "a\r\n.\r\nb\r\n")]
    public async Task D01_A_leading_dot_is_taken_off(string said, string stored)
    {
        await using var session = new SessionUnderTest();

        session.Say(Envelope + "DATA\r\n");
        session.Say("\r\n" + said + ".\r\n");

        Assert.EndsWith("\r\n\r\n" + stored, Stored(session), StringComparison.Ordinal);
    }

    [Fact]
    public async Task D06_All_octets_but_NUL_CR_and_LF_come_through_as_they_are()
    {
        await using var session = new SessionUnderTest();
        string octets = string.Concat(Enumerable.Range(1, 255).Where(octet => octet is not ('\r' or '\n')).Select(octet => (char)octet));

        session.Say(Envelope + "DATA\r\n");
        session.Say("\r\n" + octets + "\r\n.\r\n");

        Assert.EndsWith("\r\n\r\n" + octets + "\r\n", Stored(session), StringComparison.Ordinal);
    }

    [Fact]
    public async Task E01_Replies_to_a_pipelined_group_leave_in_one_write()
    {
        await using var session = new SessionUnderTest();
        session.Say("EHLO web1\r\n");
        int before = session.Writes;

        string replies = session.Say(
            "MAIL FROM:<a@example.net>\r\nRCPT TO:<b@x.example>\r\nRCPT TO:<c@x.example>\r\nRCPT TO:<d@x.example>\r\nDATA\r\n");

        Assert.Equal(["250", "250", "250", "250", "354"], Codes(replies));
        Assert.Equal(1, session.Writes - before);
    }

    [Theory]
    [InlineData("EHLO web1")]
    [InlineData("NOOP")]
    [InlineData("VRFY a@example.net")]
    [InlineData("EXPN list")]
    [InlineData("HELP")]
    [InlineData("FOO")]
    public async Task E02_Replies_to_what_ends_a_group_are_not_held_back(string command)
    {
        await using var session = new SessionUnderTest();
        session.Say("EHLO web1\r\n");
        int before = session.Writes;

        session.Say($"RSET\r\n{command}\r\nRSET\r\n");

        Assert.Equal(2, session.Writes - before);
    }

    [Fact]
    public async Task E02_What_was_held_back_leaves_when_the_input_is_empty()
    {
        await using var session = new SessionUnderTest();
        session.Say("EHLO web1\r\n");

        Assert.Equal("250 2.1.0 Sender ok\r\n", session.Say("MAIL FROM:<a@example.net>\r\nRCPT TO:<b@exam"));
        Assert.Equal("250 2.1.5 Recipient ok\r\n", session.Say("ple.com>\r\n"));
    }

    [Fact]
    public async Task E21_What_stands_in_a_chunk_is_stored_as_it_is()
    {
        await using var session = new SessionUnderTest();

        session.Say(Envelope + "BDAT 20 LAST\r\n\r\na\r\n.\r\n..b\r\n.\r\n.c\r\n");

        Assert.EndsWith("\r\n\r\na\r\n.\r\n..b\r\n.\r\n.c\r\n", Stored(session), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BDAT 4\r\n\r\na\rBDAT 5 LAST\r\n\n.\r\nb")]
    [InlineData("BDAT 3\r\n\r\naBDAT 6 LAST\r\n\r\n.\r\nb")]
    [InlineData("BDAT 7\r\n\r\na\r\n.\rBDAT 2 LAST\r\n\nb")]
    public async Task E21_A_line_end_may_be_cut_by_the_end_of_a_chunk(string chunks)
    {
        await using var session = new SessionUnderTest();

        session.Say(Envelope + chunks);

        Assert.EndsWith("\r\n\r\na\r\n.\r\nb\r\n", Stored(session), StringComparison.Ordinal);
        Assert.DoesNotContain(session.Logger.Entries, entry => entry.Text.Contains("bare CR", StringComparison.Ordinal));
    }

    [Fact]
    public async Task D14_A_last_line_without_an_end_gets_one()
    {
        await using var session = new SessionUnderTest();

        session.Say(Envelope + "BDAT 6 LAST\r\n\r\nbody");

        Assert.EndsWith("\r\n\r\nbody\r\n", Stored(session), StringComparison.Ordinal);
    }

    [Fact]
    public async Task S29_Bare_newlines_are_told_of_once_a_session()
    {
        await using var session = new SessionUnderTest();
        for (int i = 0; i < 3; i++)
        {
            session.Say(Envelope + "DATA\r\n");
            session.Say("a\nb\rc\r\n.\r\n");
        }

        Assert.Equal(3, session.Store.Messages.Count);
        Assert.Single(session.Logger.Entries, entry => entry.Text.Contains("bare CR or LF", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Nothing_is_left_of_a_message_whose_client_goes_away()
    {
        await using var session = new SessionUnderTest();
        session.Say(Envelope + "DATA\r\n");
        session.Say("Subject: x\r\n\r\n" + new string('x', 100_000));

        session.TearAway();

        Assert.Equal(SessionEnd.ClientLeft, await session.Ended);
        Assert.Empty(session.Store.Messages);
        Assert.Equal(0, session.Store.Open);
        Assert.Equal(0, session.InFlight.Octets);
    }

    [Fact]
    public async Task D18_A_message_that_was_said_to_its_end_is_taken_though_nobody_waits_for_the_reply()
    {
        await using var session = new SessionUnderTest();
        session.Say(Envelope + "DATA\r\n");

        session.Say("body\r\n.\r\n");
        session.TearAway();

        Assert.Equal(SessionEnd.ClientLeft, await session.Ended);
        Assert.Single(session.Store.Messages);
    }

    [Fact]
    public async Task A_client_that_has_closed_its_sending_side_still_gets_its_replies()
    {
        await using var session = new SessionUnderTest();
        session.Say(Envelope + "DATA\r\n");
        session.Say("body\r\n.");

        string said = session.Say("\r\nNOOP\r\n") + session.HangUp();

        Assert.Equal(["250", "250"], Codes(said));
        Assert.Equal(SessionEnd.ClientLeft, await session.Ended);
    }

    [Fact]
    public async Task A_fault_of_ours_is_a_421_and_an_error_in_the_log()
    {
        await using var session = new SessionUnderTest();
        session.Say("EHLO web1\r\n");
        session.Rewrite = static () => throw new InvalidOperationException("A broken promise.");

        string reply = session.Say("MAIL FROM:<a@example.net>\r\n");

        Assert.Equal("421 4.3.0 A fault of this relay, not of your mail: try again later\r\n", reply);
        Assert.Equal(SessionEnd.Fault, await session.Ended);
        Assert.Contains(session.Logger.Entries, entry => entry.Level == Microsoft.Extensions.Logging.LogLevel.Error);
    }

    [Fact]
    public async Task A_session_is_told_of_once_and_no_argument_is()
    {
        await using var session = new SessionUnderTest();
        session.Say("EHLO web1\r\nAUTH PLAIN AGJvYgBzZWNyZXQ=\r\nQUIT\r\n");
        await session.Ended;

        Assert.Single(session.Logger.Entries, entry => entry.Text == "127.0.0.1: session ended (Quit): 3 commands, 0 messages, 1 errors");
        Assert.DoesNotContain(session.Logger.Entries, entry => entry.Text.Contains("AGJvYgBzZWNyZXQ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("QUIT\r\n", Microsoft.Extensions.Logging.LogLevel.Debug)]
    [InlineData("EHLO web1\r\nNOOP\r\nQUIT\r\n", Microsoft.Extensions.Logging.LogLevel.Debug)]
    [InlineData("EHLO web1\r\nFOO\r\nQUIT\r\n", Microsoft.Extensions.Logging.LogLevel.Information)]
    [InlineData("EHLO web1\r\nMAIL FROM:<>\r\nQUIT\r\n", Microsoft.Extensions.Logging.LogLevel.Information)]
    public async Task Who_only_wants_to_know_whether_somebody_is_there_does_not_fill_the_log(string said, Microsoft.Extensions.Logging.LogLevel level)
    {
        await using var session = new SessionUnderTest();
        session.Say(said);
        await session.Ended;

        Assert.Single(session.Logger.Entries, entry => entry.Level == level && entry.Text.Contains("session ended", StringComparison.Ordinal));
    }

    private static IEnumerable<string> Codes(string replies) =>
        replies.Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Select(line => line[..3]);

    private static string Stored(SessionUnderTest session) =>
        Sequences.Text(session.Store.Octets(Assert.Single(session.Store.Messages).Id));
}
