using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Intake;

/// <summary>What becomes of a header section, whether it is one or not.</summary>
public class HeaderSectionTests
{
    private readonly TestIntake _intake = new();

    [Theory]
    [InlineData("Subject: x\r\n\r\nbody\r\n", "Subject: x\r\n\r\nbody\r\n")]
    [InlineData("", "\r\n")]
    [InlineData("\r\n", "\r\n")]
    [InlineData("\r\nSubject: text\r\n", "\r\nSubject: text\r\n")]
    [InlineData("no header at all\r\n", "\r\nno header at all\r\n")]
    [InlineData(" begins with a blank\r\n", "\r\n begins with a blank\r\n")]
    [InlineData(": x\r\n", "\r\n: x\r\n")]
    [InlineData("Subject: x\r\nno empty line\r\nTo: y\r\n", "Subject: x\r\n\r\nno empty line\r\nTo: y\r\n")]
    [InlineData("Subject: x\r\n", "Subject: x\r\n\r\n")]
    [InlineData("Subject: x\r\n \r\n\ty\r\n\r\nbody\r\n", "Subject: x\r\n \r\n\ty\r\n\r\nbody\r\n")]
    [InlineData("Subject : x\r\n\r\n", "Subject : x\r\n\r\n")]
    [InlineData("S\u00fcbject: x\r\n\r\n", "\r\nS\u00fcbject: x\r\n\r\n")]
    [InlineData("Resent-To: a@b.c\r\nResent-Date: x\r\nResent-To: d@b.c\r\n\r\n", "Resent-To: a@b.c\r\nResent-Date: x\r\nResent-To: d@b.c\r\n\r\n")]
    [InlineData("From here on there is only text.\r\n", "\r\nFrom here on there is only text.\r\n")]
    [InlineData("From a Thu Jan 1\r\nnot a field\r\n", "\r\nFrom a Thu Jan 1\r\nnot a field\r\n")]
    [InlineData("From a Thu Jan 1\r\nX: b\r\n\r\nx\r\n", "X-Mailbox-Line: From a Thu Jan 1\r\nX: b\r\n\r\nx\r\n")]
    [InlineData(">From a Thu Jan 1\r\nX: b\r\n\r\nx\r\n", "X-Mailbox-Line: >From a Thu Jan 1\r\nX: b\r\n\r\nx\r\n")]
    public async Task D11_Whatever_comes_as_a_header_is_taken_and_no_text_becomes_header(string content, string below)
    {
        _intake.EditNothing();

        string stored = await _intake.StoreAsync(content);

        Assert.Equal(below, TestIntake.BelowTrace(stored));
        int headerOctets = Assert.Single(_intake.Store.Messages).HeaderOctets;
        Assert.EndsWith("\r\n\r\n", stored[..headerOctets], StringComparison.Ordinal);
    }

    [Fact]
    public async Task D12_A_missing_Date_From_and_Message_ID_are_added_at_the_end_of_the_header()
    {
        string stored = await _intake.StoreAsync("Subject: x\r\n\r\nbody\r\n");

        QueuedMessage message = Assert.Single(_intake.Store.Messages);
        Assert.Equal(
            "Subject: x\r\nDate: Sun, 22 Nov 2026 05:03:41 +0000\r\nFrom: <alice@example.net>\r\n" +
            $"Message-ID: {message.MessageId}\r\n\r\nbody\r\n",
            TestIntake.BelowTrace(stored));
        Assert.Matches($"^<{message.Id}\\.[0-9a-f]{{16}}@relay\\.example\\.net>$", message.MessageId);
    }

    [Fact]
    public async Task D12_A_message_without_any_header_gets_one_that_ends_before_the_text()
    {
        string stored = await _intake.StoreAsync("only text\r\n");

        Assert.StartsWith("Date: ", TestIntake.BelowTrace(stored), StringComparison.Ordinal);
        Assert.EndsWith(">\r\n\r\nonly text\r\n", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task D12_Fields_that_are_there_stay_however_malformed()
    {
        const string Content = "date : yesterday\r\nFROM:\r\nmessage-id: none\r\n\r\n";

        Assert.Equal(Content, TestIntake.BelowTrace(await _intake.StoreAsync(Content)));
    }

    [Fact]
    public async Task D12_From_of_a_message_without_sender_is_the_mailer_daemon()
    {
        _intake.Envelope = new Envelope();

        Assert.Contains(
            "\r\nFrom: <MAILER-DAEMON@relay.example.net>\r\n", await _intake.StoreAsync("\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task D12_A_From_that_is_not_ASCII_makes_the_message_need_SMTPUTF8()
    {
        _intake.Envelope = new Envelope { Sender = new Mailbox("j\u00fcrgen", "example.net"), DeclaredSmtpUtf8 = true };
        await _intake.SendAsync("Subject: x\r\n\r\n");

        Assert.Equal(ContentTraits.EightBit | ContentTraits.Utf8Header, Assert.Single(_intake.Store.Messages).Traits);
    }

    [Fact]
    public async Task D13_The_text_behind_a_header_without_an_empty_line_is_no_header()
    {
        _intake.EditNothing();
        await _intake.SendAsync("Subject: x\r\nGr\u00fc\u00dfe ohne Leerzeile\r\n");

        Assert.Equal(ContentTraits.EightBit, Assert.Single(_intake.Store.Messages).Traits);
    }

    [Theory]
    [InlineData("Bcc: a@b\r\nTo: c@d\r\n\r\nBcc: text\r\n", "To: c@d\r\n\r\nBcc: text\r\n")]
    [InlineData("To: c@d\r\nbCC : a@b,\r\n e@f\r\nResent-Bcc: g@h\r\nX: y\r\n\r\n", "To: c@d\r\nX: y\r\n\r\n")]
    [InlineData("Bcc: a@b\r\n", "\r\n")]
    [InlineData("X-Bcc: a@b\r\n\r\n", "X-Bcc: a@b\r\n\r\n")]
    public async Task Bcc_is_removed_where_it_is_asked_for(string content, string below)
    {
        _intake.EditNothing();
        _intake.Options.RemoveBcc = true;

        Assert.Equal(below, TestIntake.BelowTrace(await _intake.StoreAsync(content)));
    }

    [Fact]
    public async Task Bcc_stays_where_it_is_not()
    {
        _intake.EditNothing();

        Assert.Equal("Bcc: a@b\r\n\r\n", TestIntake.BelowTrace(await _intake.StoreAsync("Bcc: a@b\r\n\r\n")));
    }

    [Theory]
    [InlineData(false, "Traceparent: 00-1\r\nBcc: a@b\r\nTraceState: x=1,\r\n y=2\r\nX-traceparent: 2\r\n\r\n")]
    [InlineData(true, "Bcc: a@b\r\nX-traceparent: 2\r\n\r\n")]
    public async Task The_fields_of_a_trace_are_removed_only_where_it_is_asked_for(bool remove, string below)
    {
        _intake.EditNothing();
        _intake.Options.RemoveTraceFields = remove;

        Assert.Equal(below, TestIntake.BelowTrace(await _intake.StoreAsync(
            "Traceparent: 00-1\r\nBcc: a@b\r\nTraceState: x=1,\r\n y=2\r\nX-traceparent: 2\r\n\r\n")));
    }

    [Fact]
    public async Task Where_nobody_listens_a_message_belongs_to_no_trace()
    {
        await _intake.StoreAsync("traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\n\r\n");

        Assert.Equal("", Assert.Single(_intake.Store.Messages).TraceParent);
    }

    [Fact]
    public async Task D15_Fifty_Received_fields_pass_and_one_more_is_a_loop()
    {
        string received = string.Concat(Enumerable.Repeat("Received: from a\r\n\tby b; now\r\n", 50));

        Assert.True((await _intake.SendAsync(received + "\r\nbody\r\n")).IsSuccess);
        Assert.Equal(
            "554 5.4.6 Too many hops: this message has been going in circles",
            (await _intake.SendAsync(received + "received: x\r\n\r\nReceived: y\r\n")).ToString());
        Assert.Single(_intake.Store.Messages);
        Assert.Equal(0, _intake.Store.Open);
    }

    [Fact]
    public async Task D15_The_rest_of_a_looping_message_is_swallowed()
    {
        string received = string.Concat(Enumerable.Repeat("Received: x\r\n", 51));
        byte[] block = new byte[60_000];

        Assert.Equal(554, (await _intake.SendAsync([Sequences.Octets(received + "\r\n"), block, block, block])).Code);
        Assert.Equal(0, _intake.Store.OctetsWritten);
    }

    [Fact]
    public async Task A_header_section_that_is_too_long_gets_the_trace_field_and_is_otherwise_passed_on()
    {
        _intake.Options.RemoveBcc = true;
        _intake.Options.MaxHeaderOctets = 10_000;
        string content = string.Concat(Enumerable.Range(0, 5000).Select(i => $"X-Field-{i}: {i}\r\n")) + "Bcc: x\r\n\r\nbody\r\n";

        string stored = await _intake.StoreAsync(content);

        Assert.Equal(content, TestIntake.BelowTrace(stored));
        Assert.Equal(stored.Length - "body\r\n".Length, Assert.Single(_intake.Store.Messages).HeaderOctets);
    }

    [Fact]
    public async Task A_loop_is_seen_in_a_header_section_that_is_too_long_as_well()
    {
        _intake.Options.MaxHeaderOctets = 10_000;
        string content = string.Concat(Enumerable.Repeat("Received: x\r\n", 60)) + "X: " + new string('x', 20_000) + "\r\n\r\n";

        Assert.Equal(554, (await _intake.SendAsync(content)).Code);
    }

    [Theory]
    [InlineData("a\nb\rc\r\n", "a\r\nb\r\nc\r\n")]
    [InlineData("a\r", "a\r\n")]
    [InlineData("a\n", "a\r\n")]
    [InlineData("a", "a\r\n")]
    [InlineData("\r\n.\n.\r.", "\r\n.\r\n.\r\n.\r\n")]
    [InlineData("\r\r\n\n", "\r\n\r\n\r\n")]
    public async Task D14_What_is_stored_holds_no_lone_CR_or_LF_and_its_last_line_is_ended(string body, string stored)
    {
        _intake.EditNothing();

        Assert.Equal("X: y\r\n\r\n" + stored, TestIntake.BelowTrace(await _intake.StoreAsync("X: y\r\n\r\n" + body)));
        byte[] whole = Sequences.Octets("X: y\r\n\r\n" + body);
        Assert.Equal(
            "X: y\r\n\r\n" + stored, TestIntake.BelowTrace(await _intake.StoreAsync(whole.Select(octet => new[] { octet }))));
    }

    [Theory]
    [InlineData("Subject: x\nTo: y@z\n\nbody\n", "Subject: x\r\nTo: y@z\r\n\r\nbody\r\n")]
    [InlineData("\nSubject: x\n", "\r\nSubject: x\r\n")]
    public async Task Lone_newlines_cannot_shift_the_seam_between_header_and_body(string content, string below)
    {
        _intake.EditNothing();

        Assert.Equal(below, TestIntake.BelowTrace(await _intake.StoreAsync(content)));
    }
}
