using RelayProxy.Harness;
using RelayProxy.Session;

namespace RelayProxy.Unit.Session;

/// <summary>Whatever a client does, there is an end to it: in time, in octets, in commands.</summary>
public class SessionBoundsTests
{
    private const string Envelope = "EHLO web1\r\nMAIL FROM:<a@example.net>\r\nRCPT TO:<b@example.com>\r\n";
    private static readonly string s_block = new('x', 1024 * 1024);

    [Fact]
    public async Task S31_An_idle_client_is_waited_for_and_then_told()
    {
        await using var session = new SessionUnderTest();
        session.Hear();

        session.Clock.Advance(new TimeSpan(0, 4, 59));
        Assert.Equal("250 2.0.0 Ok\r\n", session.Say("NOOP\r\n"));
        session.Clock.Advance(new TimeSpan(0, 4, 59));
        Assert.Equal("", session.Hear());
        session.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("421 4.4.2 Waited too long: closing\r\n", session.Hear());
        Assert.Equal(SessionEnd.WaitedTooLong, await session.Ended);
    }

    [Fact]
    public async Task S31_A_command_that_trickles_in_has_no_more_time_than_any_other()
    {
        await using var session = new SessionUnderTest();
        session.Hear();

        for (int minute = 0; minute < 5; minute++)
        {
            Assert.Equal("", session.Say("N"));
            session.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.StartsWith("421 4.4.2 ", session.Hear(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_stops_in_the_middle_of_a_message_is_told_and_leaves_nothing_behind()
    {
        await using var session = new SessionUnderTest();
        session.Say(Envelope + "DATA\r\n");
        session.Say("Subject: x\r\n");

        session.Clock.Advance(TimeSpan.FromMinutes(3));

        Assert.StartsWith("421 4.4.2 Waited", session.Hear(), StringComparison.Ordinal);
        Assert.Equal(SessionEnd.WaitedTooLong, await session.Ended);
        Assert.Equal(0, session.Store.Open);
    }

    [Theory]
    [InlineData("DATA\r\n")]
    [InlineData("BDAT 100000 LAST\r\n")]
    [InlineData("RSET\r\nBDAT 100000 LAST\r\n")]
    public async Task A_message_that_comes_in_too_slowly_ends_the_session(string command)
    {
        await using var session = new SessionUnderTest();
        session.Say(Envelope + command);

        // One octet every ten seconds: there is a minute of grace, then a hundred are asked for in each second.
        for (int i = 0; i < 6; i++)
        {
            session.Clock.Advance(TimeSpan.FromSeconds(10));
            Assert.Equal("", session.Say("x"));
        }

        session.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.StartsWith("421 4.4.2 The message comes in too slowly", session.Say("x"), StringComparison.Ordinal);
        Assert.Equal(SessionEnd.TooSlow, await session.Ended);
    }

    [Fact]
    public async Task A_message_that_comes_in_just_fast_enough_may_take_an_hour()
    {
        await using var session = new SessionUnderTest();
        session.Say(Envelope + "DATA\r\n");

        for (int minute = 0; minute < 60; minute++)
        {
            session.Clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Equal("", session.Say(new string('x', 5998) + "\r\n"));
        }

        Assert.StartsWith("250 2.0.0 Queued", session.Say(".\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task S34_Too_many_errors_end_the_session()
    {
        await using var session = new SessionUnderTest();
        session.Hear();

        for (int i = 0; i < 20; i++)
        {
            Assert.Equal("500 5.5.2 Unknown command\r\n", session.Say("FOO\r\n"));
        }

        Assert.Equal("421 4.7.0 Too many errors: closing\r\n", session.Say("FOO\r\n"));
        Assert.Equal(SessionEnd.TooManyErrors, await session.Ended);
    }

    [Fact]
    public async Task S34_What_was_pipelined_behind_a_refusal_is_no_error_of_the_client()
    {
        await using var session = new SessionUnderTest();
        session.Store.Health = RelayProxy.Queue.StoreHealth.Full;

        string replies = session.Say(
            "EHLO web1\r\nMAIL FROM:<a@example.net>\r\n" + string.Concat(Enumerable.Repeat("RCPT TO:<b@example.com>\r\n", 100)) + "DATA\r\n");

        Assert.EndsWith("503 5.5.1 Say MAIL first\r\n", replies, StringComparison.Ordinal);
        Assert.Equal("250 2.0.0 Ok\r\n", session.Say("NOOP\r\n"));
    }

    [Fact]
    public async Task Too_many_commands_end_the_session()
    {
        await using var session = new SessionUnderTest(new SessionOptions { MaxCommands = 3 });
        session.Hear();

        Assert.Equal("250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n421 4.7.0 Too many commands in one session: closing\r\n",
            session.Say("NOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\nNOOP\r\n"));
        Assert.Equal(SessionEnd.TooManyCommands, await session.Ended);
    }

    [Fact]
    public async Task S27_A_line_of_64_KiB_is_an_error_and_the_next_one_is_a_command()
    {
        await using var session = new SessionUnderTest();
        session.Hear();

        Assert.Equal("500 5.5.2 Line too long\r\n250 2.0.0 Ok\r\n", session.Say(new string('x', 64 * 1024) + "\r\nNOOP\r\n"));
    }

    [Fact]
    public async Task S27_What_goes_on_in_a_line_too_long_is_no_beginning_of_another_protocol()
    {
        await using var session = new SessionUnderTest();
        session.Hear();

        Assert.Equal("", session.Say(new string('x', 4000)));
        Assert.Equal("500 5.5.2 Line too long\r\n250 2.0.0 Ok\r\n", session.Say("\x16\r\nNOOP\r\n"));
    }

    [Fact]
    public async Task S27_A_line_without_end_ends_the_session()
    {
        await using var session = new SessionUnderTest();
        session.Hear();

        Assert.Equal("", session.Say(s_block));
        Assert.Equal("500 5.5.2 Line too long\r\n", session.Say(s_block));
        Assert.Equal(SessionEnd.Endless, await session.Ended);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task E09_A_message_that_is_too_large_is_read_to_its_end_and_refused(int beyond)
    {
        await using var session = new SessionUnderTest(new SessionOptions { MaxMessageOctets = 3 * s_block.Length });
        session.Say(Envelope + "DATA\r\n");
        for (int i = 0; i < 3 + beyond; i++)
        {
            Assert.Equal("", session.Say(s_block));
        }

        Assert.Equal(
            "552 5.3.4 The message is larger than the 3145728 octets that are allowed here\r\n250 2.0.0 Ok\r\n",
            session.Say("\r\n.\r\nNOOP\r\n"));
        Assert.Empty(session.Store.Messages);
        Assert.Equal(0, session.Store.Open);
        Assert.True(session.Store.OctetsWritten <= 4 * s_block.Length);
    }

    [Fact]
    public async Task E09_A_message_of_just_the_size_that_is_allowed_is_taken()
    {
        await using var session = new SessionUnderTest(new SessionOptions { MaxMessageOctets = 1002 });
        session.Say(Envelope + "DATA\r\n");

        Assert.StartsWith("250 2.0.0 Queued", session.Say(new string('x', 1000) + "\r\n.\r\n"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("DATA\r\n", "552 5.3.4 ")]
    [InlineData("BDAT 1000000000000 LAST\r\n", "552 5.3.4 ")]
    [InlineData("RSET\r\nBDAT 1000000000000\r\n", "503 5.5.1 ")]
    public async Task E25_What_is_swallowed_has_an_end(string command, string refusal)
    {
        await using var session = new SessionUnderTest(new SessionOptions { MaxMessageOctets = s_block.Length });
        session.Say(Envelope + command);
        string said = "";

        for (int i = 0; i < 140 && !session.Ended.IsCompleted; i++)
        {
            said += session.Say(s_block);
        }

        Assert.StartsWith(refusal, said, StringComparison.Ordinal);
        Assert.Equal(SessionEnd.Endless, await session.Ended);
    }

    [Fact]
    public async Task A17_A_hundred_recipients_of_one_message_are_all_taken()
    {
        await using var session = new SessionUnderTest();
        session.Say("EHLO web1\r\nMAIL FROM:<a@example.net>\r\n");

        string replies = session.Say(string.Concat(Enumerable.Range(1, 100).Select(number => $"RCPT TO:<user{number}@example.com>\r\n")));
        session.Say("DATA\r\n.\r\n");

        Assert.Equal(string.Concat(Enumerable.Repeat("250 2.1.5 Recipient ok\r\n", 100)), replies);
        Assert.Equal(100, Assert.Single(session.Store.Messages).Recipients.Count);
    }

    [Fact]
    public async Task E25_A_message_in_a_thousand_chunks_of_one_octet_is_a_message()
    {
        await using var session = new SessionUnderTest();
        session.Say(Envelope);

        string replies = session.Say(string.Concat(Enumerable.Repeat("BDAT 1\r\nx", 1000)) + "BDAT 0 LAST\r\n");

        Assert.Equal(1000, replies.Split("250 2.0.0 Chunk taken\r\n").Length - 1);
        Assert.EndsWith(new string('x', 1000) + "\r\n", Sequences.Text(session.Store.Octets(Assert.Single(session.Store.Messages).Id)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_octets_than_all_sessions_may_have_under_way_are_refused_for_now()
    {
        var inFlight = new OctetsInFlight();
        var options = new SessionOptions { MaxMessageOctets = 2 * s_block.Length, MaxOctetsInFlight = 3 * s_block.Length };
        await using var first = new SessionUnderTest(options, inFlight);
        await using var second = new SessionUnderTest(options, inFlight);
        first.Say(Envelope + "DATA\r\n");
        first.Say(s_block + s_block);
        second.Say(Envelope + "DATA\r\n");
        second.Say(s_block + s_block[..^2]);

        Assert.Equal("452 4.3.1 Too much mail is coming in just now: try again later\r\n", second.Say("\r\n.\r\n"));
        Assert.Equal("452 4.3.1 Too much mail is coming in just now: try again later\r\n", second.Say("MAIL FROM:<> SIZE=1500000\r\n"));
        Assert.StartsWith("552", first.Say("\r\n.\r\n"), StringComparison.Ordinal);
        Assert.Equal(0, inFlight.Octets);
        Assert.Equal("250 2.1.0 Sender ok\r\n", second.Say("MAIL FROM:<> SIZE=1500000\r\n"));
    }

    [Fact]
    public async Task A_client_that_takes_no_replies_is_not_read_from_and_then_left()
    {
        await using var session = new SessionUnderTest(replyRoom: 64 * 1024);

        session.Say(string.Concat(Enumerable.Repeat("NOOP\r\n", 50_000)));
        session.Clock.Advance(new TimeSpan(0, 2, 59));
        Assert.False(session.Ended.IsCompleted);
        session.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(SessionEnd.NotReading, await session.Ended);
        Assert.InRange(session.Hear().Length, 64 * 1024, 65 * 1024);
    }

    [Fact]
    public async Task A_client_that_never_pauses_lets_others_go_first()
    {
        var others = new WaitingOthers();
        await using var session = new SessionUnderTest();
        session.Rewrite = () =>
        {
            session.Clock.Advance(TimeSpan.FromMilliseconds(6));
            return new RelayProxy.Rewrite.RewriteOptions { Origin = "example.org", AliasFile = "" };
        };
        session.Say("EHLO web1\r\nMAIL FROM:<a@example.net>\r\n");

        others.Watch(() => session.Say("RCPT TO:<b@example.com>\r\nNOOP\r\nQUIT\r\n"));
        Assert.False(session.Ended.IsCompleted);
        others.HaveGone();

        Assert.Equal(SessionEnd.Quit, await session.Ended);
    }

    /// <summary>What a session leaves for later stands here until others have gone first.</summary>
    private sealed class WaitingOthers : SynchronizationContext
    {
        private readonly Queue<Action> _later = [];

        public override void Post(SendOrPostCallback d, object? state) => _later.Enqueue(() => d(state));

        public void Watch(Action action)
        {
            SynchronizationContext? before = Current;
            SetSynchronizationContext(this);
            try
            {
                action();
            }
            finally
            {
                SetSynchronizationContext(before);
            }
        }

        public void HaveGone() => Watch(() =>
        {
            while (_later.TryDequeue(out Action? next))
            {
                next();
            }
        });
    }
}
