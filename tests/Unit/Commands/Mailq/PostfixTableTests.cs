using RelayProxy.Commands;
using RelayProxy.Commands.Mailq;
using RelayProxy.Configuration;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Commands.Mailq;

public class PostfixTableTests
{
    private static readonly QueueId s_id = QueueId.TryParse("0AKZMDAGKFJCX", out QueueId id) ? id : default;
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 14, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset s_arrival = new(2026, 11, 22, 13, 0, 59, TimeSpan.Zero);

    /// <summary>What Postfix 3.7 prints of such messages (<c>postqueue -p</c>), but for its ids of sixteen letters in the place of ours, which have thirteen.
    /// The next attempt, which Postfix does not tell, is added by the test.</summary>
    private const string Printed =
        """
        -Queue ID-  --Size-- ----Arrival Time---- -Sender/Recipient-------
        0AKZMDAGKFJCX     201 Sun Nov 22 13:00:59  "a b"@example.net
        (host 127.0.0.1[127.0.0.1] said: 450 4.2.1 mailbox busy (in reply to RCPT TO command))
                                                 "c\"d e"@example.com

        0AKZMDAGKFJCX 14400191 Sun Nov 22 13:01:02  grün@b.example
                            (connect to 127.0.0.1[127.0.0.1]:4525: Connection refused)
                                                 x@y.example

        0AKZMDAGKFJCX     543 Sun Nov 22 13:00:59  MAILER-DAEMON
        (host 127.0.0.1[127.0.0.1] said: 450 4.2.1 mailbox busy (in reply to RCPT TO command))
                                                 root@example.net

        0AKZMDAGKFJCX     520 Sun Nov 22 13:00:59  cron@web1.example.net
        (host 127.0.0.1[127.0.0.1] said: 450 4.2.1 mailbox busy (in reply to RCPT TO command))
                                                 ops@example.net
                                                 box@example.org
        (host 127.0.0.1[127.0.0.1] said: 452 4.2.2 The email account that you tried to reach is over quota and inactive. Please direct the recipient to support.example/mail?p=OverQuotaTemp (in reply to RCPT TO command))
                                                 full2@example.org
                                                 full@example.org

        0AKZMDAGKFJCX*   20171 Sun Nov 22 13:00:59  cron@web1.example.net
                                                 slow@example.com
                                                 slower@example.com

        0AKZMDAGKFJCX!  200176 Sun Nov 22 13:00:59  cron@web1.example.net
                                                 held@example.com
                                                 heldtoo@example.com

        -- 14279 Kbytes in 6 Requests.

        """;

    [Fact]
    public void What_Postfix_printed_is_printed_to_the_letter()
    {
        const string busy = "host 127.0.0.1[127.0.0.1] said: 450 4.2.1 mailbox busy (in reply to RCPT TO command)";
        const string full = "host 127.0.0.1[127.0.0.1] said: 452 4.2.2 The email account that you tried to reach is over quota and inactive. "
            + "Please direct the recipient to support.example/mail?p=OverQuotaTemp (in reply to RCPT TO command)";
        const string refused = "connect to 127.0.0.1[127.0.0.1]:4525: Connection refused";

        string table = Table(
            Message("\"a b\"@example.net", 201, To("\"c\\\"d e\"@example.com", busy)),
            Message("grün@b.example", 14400191, To("x@y.example", refused)) with { ReceivedAt = s_arrival.AddSeconds(3) },
            Message("", 543, To("root@example.net", busy)),
            Message("cron@web1.example.net", 520, To("ops@example.net", busy), To("box@example.org", busy), To("full2@example.org", full), To("full@example.org", full)),
            Message("cron@web1.example.net", 20171, To("slow@example.com"), To("slower@example.com")) with { InDelivery = true },
            Message("cron@web1.example.net", 200176, Held("held@example.com"), Held("heldtoo@example.com")));

        Assert.Equal(string.Join('\n', Printed.ReplaceLineEndings("\n").Split('\n').Select(WithNextAttempt)), table);
    }

    private static string WithNextAttempt(string line) =>
        line.TrimStart() is ['(', .. var reason, ')'] ? $"({reason}; next attempt now)".PadLeft(78) : line;

    [Theory]
    [InlineData(0, "Mail queue is empty\n")]
    [InlineData(1, "-- 1 Kbytes in 1 Request.\n")]
    [InlineData(2, "-- 2 Kbytes in 2 Requests.\n")]
    public void The_last_line_has_the_sums(int messages, string line)
    {
        string table = Table([.. Enumerable.Repeat(Message("a@b.example", 1500, To("c@d.example")), messages)]);

        Assert.EndsWith(line, table, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-11-22T14:05:00Z", "451 busy", "451 busy; next attempt 14:05")]
    [InlineData("2026-11-22T23:59:59Z", "451 busy", "451 busy; next attempt 23:59")]
    [InlineData("2026-11-23T00:00:00Z", "451 busy", "451 busy; next attempt Nov 23 00:00")]
    [InlineData("2026-11-22T14:00:00Z", "451 busy", "451 busy; next attempt now")]
    [InlineData("2026-11-22T14:05:00Z", null, "next attempt 14:05")]
    [InlineData("2026-12-31T00:00:00Z", null, "waits to be asked for")]     // Queue:SendWhenAsked
    [InlineData("2026-11-22T13:00:00Z", null, "")]                          // it has just come
    public void The_next_attempt_stands_behind_the_reason(string next, string? reply, string reason)
    {
        string table = Table(Message("a@b.example", 1, To("c@d.example", reply) with { NextAttempt = DateTimeOffset.Parse(next, null) }));

        Assert.Equal(reason, Reasons(table));
    }

    [Fact]
    public void Times_are_those_of_this_place()
    {
        var tokyo = TimeZoneInfo.CreateCustomTimeZone("Tokyo", TimeSpan.FromHours(9), null, null);

        string table = Table(new PlacedClock(tokyo), isVerbose: false, Message("a@b.example", 1, To("c@d.example", "451 busy") with { NextAttempt = s_now.AddHours(1) }));

        Assert.Contains("Sun Nov 22 22:00:59 ", table, StringComparison.Ordinal);
        Assert.Equal("451 busy; next attempt Nov 23 00:00", Reasons(table));
    }

    [Fact]
    public void The_day_of_the_month_has_two_places()
    {
        string table = Table(Message("a@b.example", 1, To("c@d.example")) with { ReceivedAt = new DateTimeOffset(2026, 12, 1, 1, 2, 3, TimeSpan.Zero) });

        Assert.Contains("0AKZMDAGKFJCX       1 Tue Dec  1 01:02:03  a@b.example\n", table, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Held", "Held", "!", "")]
    [InlineData("Held", "Delivered", "!", "")]
    [InlineData("Held", "Waiting", " ", "held")]
    [InlineData("Parked", "Waiting", " ", "parked")]
    [InlineData("Held", "Parked", "!", "held parked")]
    [InlineData("Waiting", "Waiting", " ", "")]
    public void What_waits_for_an_operator_is_marked(string first, string second, string mark, string reasons)
    {
        string table = Table(Message("a@b.example", 1, To("c@d.example") with { State = Enum.Parse<RecipientState>(first) }, To("e@d.example") with { State = Enum.Parse<RecipientState>(second) }));

        Assert.Contains($"\n{s_id}{mark}", table, StringComparison.Ordinal);
        Assert.Equal(reasons, Reasons(table));
    }

    [Fact]
    public void Who_has_it_already_is_left_out_unless_more_is_asked_for()
    {
        QueuedMessage message = Message("a@b.example", 1, To("c@d.example", "250 Ok") with { State = RecipientState.Delivered }, To("e@d.example"));

        Assert.DoesNotContain("c@d.example", Table(message), StringComparison.Ordinal);
        string more = Table(new TestClock(s_now), isVerbose: true, message);
        Assert.Contains("(250 Ok; delivered)\n                                         c@d.example\n", more, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_known_stands_in_parentheses()
    {
        QueuedMessage message = Message("a@b.example", 1, To("root@web1", "451 busy") with
        {
            Recipient = new Recipient(new Mailbox("root", "web1")) { Local = new LocalDestination(LocalDestinationKind.User, "anna") },
            Attempts = 3,
            MayHaveBeenDelivered = true,
        });
        message = message with { Envelope = message.Envelope with { EnvelopeId = "QQ+2B314" }, Origin = "uid 33", MessageId = "<m@b.example>" };

        string table = Table(new TestClock(s_now), isVerbose: true, message);

        Assert.Equal(
            "from uid 33; Message-ID <m@b.example>; envelope id QQ+314; gives up Nov 27 13:00 451 busy; 3 attempts; may have been delivered; next attempt now",
            Reasons(table));
        Assert.Contains("root@web1 (local user anna)\n", table, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_damaged_is_there_and_says_so()
    {
        string table = Table(Message("", 1) with { IsDamaged = true, ReceivedAt = DateTimeOffset.UnixEpoch });

        Assert.Contains($"{s_id}!       1 Thu Jan  1 00:00:00  MAILER-DAEMON\n", table, StringComparison.Ordinal);
        Assert.Equal("damaged, and set aside: what is stored is not what was written", Reasons(table));
    }

    [Fact]
    public void What_others_wrote_stays_on_its_line()
    {
        string table = Table(Message("a@b.example", 1, To("c@d.example", "451 \e[2Jbusy\n-- 0 Kbytes in 0 Requests.")));

        Assert.Equal(6, table.Count('\n'));
        Assert.Equal("451 \\u001b[2Jbusy\\u000a-- 0 Kbytes in 0 Requests.; next attempt now", Reasons(table));
    }

    private static string Reasons(string table) =>
        string.Join(' ', table.Split('\n').Select(line => line.Trim()).Where(line => line.StartsWith('(')).Select(line => line[1..^1]));

    private static QueuedMessage Message(string sender, long octets, params QueuedRecipient[] recipients) => new()
    {
        Id = s_id,
        Envelope = new Envelope { Sender = sender.Length == 0 ? null : Address(sender) },
        Octets = octets,
        ReceivedAt = s_arrival,
        ExpiresAt = s_arrival.AddDays(5),
        Recipients = recipients,
    };

    private static QueuedRecipient To(string address, string? reply = null) =>
        new() { Ordinal = 0, Recipient = new Recipient(Address(address)), LastReply = reply, NextAttempt = s_arrival };

    private static QueuedRecipient Held(string address) => To(address) with { State = RecipientState.Held };

    private static Mailbox Address(string text) => MailboxParser.TryParse(text, out Mailbox? mailbox) ? mailbox! : throw new FormatException(text);

    private static string Table(params QueuedMessage[] messages) => Table(new TestClock(s_now), isVerbose: false, messages);

    private static string Table(TimeProvider clock, bool isVerbose, params QueuedMessage[] messages)
    {
        using var output = new StringWriter();
        var table = new PostfixTable(
            new CommandContext
            {
                Output = output,
                Error = output,
                OpenOutputStream = () => Stream.Null,
                Clock = clock,
                Inputs = new ConfigurationInputs(),
                MakeStore = _ => throw new InvalidOperationException(),
            },
            isVerbose);
        foreach (QueuedMessage message in messages)
        {
            table.Add(message);
        }

        table.Finish();
        return output.ToString();
    }

    private sealed class PlacedClock(TimeZoneInfo place) : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => place;

        public override DateTimeOffset GetUtcNow() => s_now;
    }
}
