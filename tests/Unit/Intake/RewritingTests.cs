using RelayProxy.Intake;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Rewrite;
using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Intake;

/// <summary>Rewriting where it meets everything else that intake does to a message.</summary>
public class RewritingTests
{
    private readonly TestIntake _intake = new();

    public RewritingTests()
    {
        _intake.EditNothing();
        _intake.Rewrite.Masquerade = "isp.example";
        _intake.Envelope = new Envelope { Sender = new Mailbox("root", "web1") };
    }

    [Fact]
    public async Task Envelope_and_header_say_the_same_and_the_body_stays()
    {
        string stored = await _intake.StoreAsync("From: root\r\nTo: joe\r\n\r\nFrom: root\r\n");

        Assert.Equal("From: root@isp.example\r\nTo: joe@example.net\r\n\r\nFrom: root\r\n", TestIntake.BelowTrace(stored));
        Assert.Equal("root@isp.example", Stored().Envelope.Sender!.ToString());
    }

    [Theory]
    [InlineData("Both", "root@isp.example", "root@isp.example")]
    [InlineData("Envelope", "root@isp.example", "root@example.net")]
    [InlineData("Header", "root@example.net", "root@isp.example")]
    public async Task A_From_that_is_added_says_what_a_From_that_was_there_would(string scope, string envelope, string from)
    {
        _intake.Options.AddFrom = true;
        _intake.Rewrite.MasqueradeScope = Enum.Parse<MasqueradeScope>(scope);

        Assert.Equal($"Subject: x\r\nFrom: <{from}>\r\n\r\n", TestIntake.BelowTrace(await _intake.StoreAsync("Subject: x\r\n\r\n")));
        Assert.Equal(envelope, Stored().Envelope.Sender!.ToString());
    }

    [Fact]
    public async Task What_is_removed_is_not_rewritten_and_all_splices_are_in_order()
    {
        _intake.Options.RemoveBcc = true;

        string stored = await _intake.StoreAsync("Bcc: a\r\nFrom: root\r\nBcc: b,\r\n c\r\nTo: d\r\nResent-Bcc: e\r\nCc: f\r\n\r\n");

        Assert.Equal("From: root@isp.example\r\nTo: d@example.net\r\nCc: f@example.net\r\n\r\n", TestIntake.BelowTrace(stored));
    }

    [Fact]
    public async Task A_null_sender_stays_null_while_its_header_is_masqueraded()
    {
        _intake.Envelope = new Envelope();

        string stored = await _intake.StoreAsync("From: vacation\r\n\r\n");

        Assert.Equal("From: vacation@isp.example\r\n\r\n", TestIntake.BelowTrace(stored));
        Assert.Null(Stored().Envelope.Sender);
    }

    [Fact]
    public async Task A_report_leaves_with_the_From_that_other_mail_has()
    {
        _intake.Origin = MessageOrigin.Report;
        _intake.Envelope = new Envelope();

        string stored = await _intake.StoreAsync("From: Mail Delivery System <MAILER-DAEMON@web1>\r\nTo: <joe@x>\r\nSender: a@web1\r\n\r\n");

        Assert.Equal(
            "From: Mail Delivery System <MAILER-DAEMON@isp.example>\r\nTo: <joe@x>\r\nSender: a@web1\r\n\r\n", TestIntake.BelowTrace(stored));
        Assert.Null(Stored().Envelope.Sender);
    }

    [Fact]
    public async Task What_a_signature_covers_stays_and_the_log_says_so()
    {
        const string Signed = "DKIM-Signature: v=1; h=from:sender;\r\n b=x\r\nFrom: root\r\nSender: root\r\nReply-To: root\r\n\r\n";

        string stored = await _intake.StoreAsync(Signed);

        Assert.Equal(Signed.Replace("Reply-To: root", "Reply-To: root@isp.example", StringComparison.Ordinal), TestIntake.BelowTrace(stored));
        Assert.Equal(
            $"{Stored().Id}: not rewritten, a DKIM signature covers it: From, Sender (Rewrite:SignedMail)",
            Assert.Single(_intake.Logger.Entries, entry => entry.Id == EventIds.SignedFieldsKept).Text);
    }

    [Fact]
    public async Task What_rewriting_brings_in_is_looked_at_as_what_came()
    {
        _intake.Rewrite.SenderMap = ["root j\u00fcrgen@isp.example"];
        await _intake.SendAsync("From: root\r\n\r\n");

        Assert.Equal(ContentTraits.EightBit | ContentTraits.Utf8Header, Stored().Traits);
    }

    [Fact]
    public async Task What_rewriting_takes_out_is_not_missed()
    {
        _intake.Rewrite.ForceSender = "app@isp.example";
        _intake.Envelope = new Envelope { Sender = new Mailbox("j\u00fcrgen", "example.net"), DeclaredSmtpUtf8 = true };
        await _intake.SendAsync(["From: j\u00fcrgen\r\nReply-To: b@example.org\r\n\r\n"u8.ToArray()]);

        Assert.Equal(ContentTraits.None, Stored().Traits);
        Assert.True(Stored().Envelope.Sender!.IsAscii);
    }

    [Fact]
    public async Task A_header_too_long_to_be_looked_at_is_not_rewritten()
    {
        _intake.Options.MaxHeaderOctets = 2000;
        string content = "From: root\r\nX: " + new string('x', 3000) + "\r\n\r\n";

        Assert.Equal(content, TestIntake.BelowTrace(await _intake.StoreAsync(content)));
    }

    private QueuedMessage Stored() => _intake.Store.Messages[^1];
}
