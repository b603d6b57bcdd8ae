using RelayProxy.Harness;
using RelayProxy.Session;

namespace RelayProxy.Unit.Session;

/// <summary>The relay stops: who is told at once, and who may finish.</summary>
public class SessionStopTests
{
    private const string Envelope = "EHLO web1\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.com>\r\n";
    private const string Stopping = "421 4.3.2 The relay is stopping: closing\r\n";

    [Theory]
    [InlineData("")]
    [InlineData("EHLO web1\r\n")]
    [InlineData(Envelope)]
    [InlineData("EHLO web1\r\nMAIL FR")]
    public async Task S32_An_idle_session_is_told_at_once(string before)
    {
        await using var session = new SessionUnderTest();
        session.Say(before);

        Assert.Equal(Stopping, session.Stop());
        Assert.Equal(SessionEnd.Stopping, await session.Ended);
        Assert.Equal(0, session.Store.Open);
    }

    [Theory]
    [InlineData("DATA\r\n", "body\r\n", "more\r\n.\r\n")]
    [InlineData("BDAT 6\r\n", "body\r\n", "BDAT 6 LAST\r\nmore\r\n")]
    public async Task S32_A_message_under_way_may_be_finished_and_then_the_session_ends(string command, string some, string rest)
    {
        await using var session = new SessionUnderTest();
        session.Say(Envelope + command);
        session.Say(some);

        Assert.Equal("", session.Stop());
        string said = session.Say(rest);

        Assert.Equal($"250 2.0.0 Queued as {Assert.Single(session.Store.Messages).Id}\r\n{Stopping}", said);
        Assert.Equal(SessionEnd.Stopping, await session.Ended);
    }

    [Fact]
    public async Task S32_No_new_message_begins()
    {
        await using var session = new SessionUnderTest();
        session.Say(Envelope + "DATA\r\n");
        session.Stop();

        string said = session.Say("body\r\n.\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.com>\r\n");

        Assert.EndsWith("\r\n" + Stopping, said, StringComparison.Ordinal);
        Assert.Single(session.Store.Messages);
    }

    [Fact]
    public async Task S32_The_grace_has_an_end()
    {
        await using var session = new SessionUnderTest();
        session.Say(Envelope + "DATA\r\n");
        session.Say("body\r\n");
        session.Stop();

        Assert.Equal(Stopping, session.EndGrace());
        Assert.Equal(SessionEnd.Stopping, await session.Ended);
        Assert.Empty(session.Store.Messages);
        Assert.Equal(0, session.Store.Open);
    }
}
