using RelayProxy.Mail;
using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Unit.Upstream;

/// <summary>What is said about a message: all that it needs, if it was offered; nothing else.</summary>
public class TransactionPlanTests
{
    private const string All = "hello\nPIPELINING\nSIZE 1000000\n8BITMIME\nSMTPUTF8\nDSN";
    private static readonly Mailbox s_alice = new("alice", "example.net"), s_bob = new("bob", "example.org");

    [Theory]
    [InlineData(All, "MAIL FROM:<> SIZE=3")]
    [InlineData("hello", "MAIL FROM:<>")]
    public void The_null_sender_stays_null(string offered, string command) =>
        Assert.Equal(command, Plan(offered, Message() with { Envelope = new Envelope() }).MailCommand);

    [Theory]
    [InlineData("", "", false)] // Merely marked: nothing in it needs SMTPUTF8.
    [InlineData("", "Utf8Header", true)]
    [InlineData("grün", "", true)]
    public void E16_SMTPUTF8_is_said_if_something_needs_it(string senderLocal, string trait, bool said)
    {
        OutgoingMessage message = Message() with
        {
            Envelope = new Envelope { Sender = senderLocal.Length > 0 ? new Mailbox(senderLocal, "example.net") : s_alice, DeclaredSmtpUtf8 = true },
            Traits = trait.Length > 0 ? ContentTraits.Utf8Header | ContentTraits.EightBit : ContentTraits.None,
        };
        TransactionPlan plan = Plan(All, message);

        Assert.Equal(said, plan.MailCommand.Contains(" SMTPUTF8", StringComparison.Ordinal));
        Assert.Equal(said, plan.UsesSmtpUtf8);
    }

    [Fact]
    public void E16_One_recipient_that_needs_SMTPUTF8_is_enough()
    {
        TransactionPlan plan = Plan(All, Message(s_bob, new Mailbox("grün", "example.org")));

        Assert.EndsWith(" SMTPUTF8", plan.MailCommand, StringComparison.Ordinal);
        Assert.Equal(["RCPT TO:<bob@example.org>", "RCPT TO:<grün@example.org>"], plan.Recipients.Select(recipient => recipient.Command));
    }

    [Fact]
    public void E16_A_UTF8_header_is_not_sent_where_SMTPUTF8_is_not_offered()
    {
        TransactionPlan plan = Plan("hello\n8BITMIME", Message() with { Traits = ContentTraits.Utf8Header | ContentTraits.EightBit });

        Assert.Equal("554 5.6.9 message has UTF-8 in its header and the smarthost does not offer SMTPUTF8", plan.Refusal.ToString());
    }

    [Fact]
    public void E16_A_sender_that_needs_SMTPUTF8_is_refused_where_it_is_not_offered()
    {
        TransactionPlan plan = Plan("hello", Message() with { Envelope = new Envelope { Sender = new Mailbox("grün", "example.net") } });

        Assert.Equal("5.6.7", plan.Refusal!.Value.EnhancedCode);
    }

    [Fact]
    public void E16_A_recipient_that_needs_SMTPUTF8_is_refused_alone()
    {
        TransactionPlan plan = Plan("hello", Message(s_bob, new Mailbox("grün", "example.org")));

        Assert.Null(plan.Refusal);
        Assert.Equal("RCPT TO:<bob@example.org>", plan.Recipients[0].Command);
        Assert.Equal((null, "5.6.7"), (plan.Recipients[1].Command, plan.Recipients[1].Refusal!.Value.EnhancedCode));
        Assert.False(plan.UsesSmtpUtf8);
    }

    [Fact]
    public void An_internationalised_domain_alone_travels_in_its_ASCII_form()
    {
        TransactionPlan plan = Plan("hello", Message(new Mailbox("bob", "bücher.example")) with
        {
            Envelope = new Envelope { Sender = new Mailbox("alice", "grün.example") },
        });

        Assert.Equal("MAIL FROM:<alice@xn--grn-ioa.example>", plan.MailCommand);
        Assert.Equal("RCPT TO:<bob@xn--bcher-kva.example>", Assert.Single(plan.Recipients).Command);
    }

    [Theory]
    [InlineData("a b", "x.y", "RCPT TO:<\"a b\"@x.y>")]
    [InlineData("a\"b", "x.y", "RCPT TO:<\"a\\\"b\"@x.y>")]
    [InlineData("a>b", "x.y", "RCPT TO:<\"a>b\"@x.y>")]
    [InlineData("MiXeD", "[IPv6:2001:db8::1]", "RCPT TO:<MiXeD@[IPv6:2001:db8::1]>")]
    public void Addresses_are_quoted_as_the_grammar_asks(string local, string domain, string command) =>
        Assert.Equal(command, Assert.Single(Plan(All, Message(new Mailbox(local, domain))).Recipients).Command);

    [Theory]
    [InlineData("a\r\nRCPT TO:<x@y>", "x.y")]
    [InlineData("a\0b", "x.y")]
    [InlineData("a\u007fb", "x.y")]
    [InlineData("a", "x.y> NOTIFY=NEVER")]
    [InlineData("a", "x.y>\r\nDATA")]
    [InlineData("a", "[x.y> X]")]
    [InlineData("a", "")]
    public void An_address_that_would_say_more_than_an_address_is_refused_and_not_sent(string local, string domain)
    {
        RecipientPlan plan = Assert.Single(Plan(All, Message(new Mailbox(local, domain))).Recipients);
        TransactionPlan asSender = Plan(All, Message() with { Envelope = new Envelope { Sender = new Mailbox(local, domain) } });

        Assert.Equal((null, "5.1.3"), (plan.Command, plan.Refusal!.Value.EnhancedCode));
        Assert.Equal("5.1.7", asSender.Refusal!.Value.EnhancedCode);
    }

    [Theory]
    [InlineData(DsnNotify.Unspecified, null, "RCPT TO:<bob@example.org>")]
    [InlineData(DsnNotify.Never, null, "RCPT TO:<bob@example.org> NOTIFY=NEVER")]
    [InlineData(DsnNotify.Success | DsnNotify.Failure | DsnNotify.Delay, null, "RCPT TO:<bob@example.org> NOTIFY=SUCCESS,FAILURE,DELAY")]
    [InlineData(DsnNotify.Unspecified, "rfc822;Bob+2B@Web1", "RCPT TO:<bob@example.org> ORCPT=rfc822;Bob+2B@Web1")]
    [InlineData(DsnNotify.Unspecified, "rfc822;a\r\nDATA", "RCPT TO:<bob@example.org>")]
    public void E32_What_was_asked_for_a_recipient_goes_on_unchanged(object notify, string? original, string command)
    {
        OutgoingMessage message = Message() with { Recipients = [new Recipient(s_bob, (DsnNotify)notify, original)] };

        Assert.Equal(command, Assert.Single(Plan(All, message).Recipients).Command);
        Assert.Equal("RCPT TO:<bob@example.org>", Assert.Single(Plan("hello\nSIZE", message).Recipients).Command);
    }

    [Theory]
    [InlineData(All, "ORCPT=utf-8;grün@example.org", true)]
    [InlineData("hello\nDSN", "ORCPT=utf-8;gr\\x{FC}n@example.org", false)]
    public void E41_An_internationalised_ORCPT_has_a_form_for_smarthosts_without_SMTPUTF8(string offered, string expected, bool utf8)
    {
        TransactionPlan plan = Plan(offered, Message() with { Recipients = [new Recipient(s_bob, OriginalRecipient: "utf-8;grün@example.org")] });

        Assert.EndsWith(expected, Assert.Single(plan.Recipients).Command, StringComparison.Ordinal);
        Assert.Equal(utf8, plan.UsesSmtpUtf8);
    }

    private static TransactionPlan Plan(string ehlo, OutgoingMessage message) =>
        TransactionPlan.For(message, SmarthostCapabilities.Parse(new SmtpReply(250, null, ehlo), []));

    private static OutgoingMessage Message(params Mailbox[] recipients) => new()
    {
        Id = new QueueId(1),
        Envelope = new Envelope { Sender = s_alice },
        Traits = ContentTraits.None,
        Recipients = [.. (recipients.Length == 0 ? [s_bob] : recipients).Select(mailbox => new Recipient(mailbox))],
        Content = new MemoryContent("x\r\n"u8.ToArray()),
    };
}
