using System.Buffers;
using System.Text;
using RelayProxy.Delivery.Reports;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Delivery.Reports;

public class NonDeliveryReportTests
{
    private const string Boundary = "=_boundary";
    private static readonly DateTimeOffset s_now = new(2026, 11, 22, 6, 0, 0, TimeSpan.FromHours(1));
    private static readonly SmtpReply s_noSuchUser = new(550, 1, 1, "<Bob@Example.ORG>: no such user");

    [Fact]
    public void E37_It_is_a_multipart_report_with_all_fields_that_must_be_there()
    {
        ReportReader report = Read(Failed());

        Assert.StartsWith("multipart/report; report-type=delivery-status;", report.Header["Content-Type"], StringComparison.Ordinal);
        Assert.Equal(["text/plain", "message/delivery-status", "text/rfc822-headers"], Enumerable.Range(0, 3).Select(report.TypeOf));
        Assert.Equal("dns; relay.example.net", report.PerMessage["Reporting-MTA"]);
        Assert.Equal("Sun, 22 Nov 2026 05:50:00 +0100", report.PerMessage["Arrival-Date"]);
        IReadOnlyDictionary<string, string> recipient = Assert.Single(report.PerRecipient);
        Assert.Equal("rfc822; Bob@Example.ORG", recipient["Final-Recipient"]);
        Assert.Equal("failed", recipient["Action"]);
        Assert.Equal("5.1.1", recipient["Status"]);
        Assert.Equal("dns; smtp.example.com", recipient["Remote-MTA"]);
        Assert.Equal("smtp; 550 5.1.1 <Bob@Example.ORG>: no such user", recipient["Diagnostic-Code"]);
        Assert.Equal("Sun, 22 Nov 2026 05:59:00 +0100", recipient["Last-Attempt-Date"]);
    }

    [Fact]
    public void E40_It_goes_to_the_envelope_sender_and_is_from_an_address_that_is_one()
    {
        ReportReader report = Read(Failed());

        Assert.Equal("<Alice@example.net>", report.Header["To"]);
        Assert.Equal("Mail Delivery System <MAILER-DAEMON@relay.example.net>", report.Header["From"]);
        Assert.Equal("Sun, 22 Nov 2026 06:00:00 +0100", report.Header["Date"]);
        Assert.Matches("^<[0-9A-Z]{13}\\.report@relay\\.example\\.net>$", report.Header["Message-ID"]);
        Assert.Equal("<original@example.net>", report.Header["In-Reply-To"]);
    }

    [Fact]
    public void E42_Nothing_answers_it() => Assert.Equal("auto-replied", Read(Failed()).Header["Auto-Submitted"]);

    [Fact]
    public void A_person_reads_what_happened_to_whom_and_what_comes_next()
    {
        string text = Unwrapped(Read(Failed()).Text);

        Assert.Contains("could not be delivered", text, StringComparison.Ordinal);
        Assert.Contains("<Bob@Example.ORG>", text, StringComparison.Ordinal);
        Assert.Contains("smtp.example.com refused it, and said: 550 5.1.1 <Bob@Example.ORG>: no such user", text, StringComparison.Ordinal);
        Assert.Contains("No further attempt will be made. The header of your message is attached.", text, StringComparison.Ordinal);
        Assert.Contains($"queue id {Failed().Message.Id}", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("QQ314159", "QQ314159")]
    [InlineData("a+2Bb+20c", "a+b c")]
    [InlineData("MiXeD", "MiXeD")]
    public void E38_The_envelope_id_is_there_if_and_only_if_one_was_given(string? envelopeId, string? expected)
    {
        DeliveryReport report = Failed();
        report = report with { Message = report.Message with { Envelope = report.Message.Envelope with { EnvelopeId = envelopeId } } };

        Assert.Equal(expected, Read(report).PerMessage.GetValueOrDefault("Original-Envelope-Id"));
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("rfc822;Root@Web1", "rfc822; Root@Web1")]
    [InlineData("rfc822;a+2Bb@example.net", "rfc822; a+b@example.net")]
    [InlineData("x-odd;what+20ever", "x-odd; what ever")]
    [InlineData("utf-8;\\x{FC}@example.net", "utf-8; \\x{FC}@example.net")]
    [InlineData("rfc822;not+xtext", "rfc822; not+xtext")]
    public void E38_The_original_recipient_is_what_ORCPT_said(string? orcpt, string? expected)
    {
        DeliveryReport report = Failed(new Recipient(new Mailbox("bob", "example.org"), OriginalRecipient: orcpt));

        Assert.Equal(expected, Read(report).PerRecipient[0].GetValueOrDefault("Original-Recipient"));
    }

    [Fact]
    public void E39_The_whole_message_comes_back_as_message_rfc822()
    {
        DeliveryReport failed = Failed();
        ReportReader report = Read(failed with { Returned = "Subject: x\r\n\r\nBody\r\n"u8.ToArray(), ReturnsAll = true });

        Assert.Equal("message/rfc822", report.TypeOf(2));
        Assert.Equal("Subject: x\r\n\r\nBody\r\n", report.Returned);
        Assert.Contains("Your message is attached.", Unwrapped(report.Text), StringComparison.Ordinal);
    }

    [Fact]
    public void E39_The_header_section_comes_back_as_it_was() => Assert.Equal("Subject: x\r\nTo: bob\r\n", Read(Failed()).Returned);

    [Fact]
    public void A_header_section_with_octets_above_127_comes_back_readable_over_a_7bit_way()
    {
        byte[] header = [.. "Subject: caf"u8, 0xE9, .. " = \r\nX: "u8, .. Encoding.ASCII.GetBytes(new string('a', 200)), .. "\r\n"u8];
        ReportReader report = Read(Failed() with { Returned = header });

        Assert.Equal("quoted-printable", report.Parts[2].Header["Content-Transfer-Encoding"]);
        Assert.Equal("7bit", report.Header["Content-Transfer-Encoding"]);
        Assert.All(report.Returned.Split("\r\n"), line => Assert.InRange(line.Length, 0, 76));
        Assert.Equal(
            "Subject: caf=E9 =3D=20\r\nX: " + new string('a', 200) + "\r\n",
            report.Returned.Replace("=\r\n", "", StringComparison.Ordinal));
    }

    [Fact]
    public void A_message_that_can_no_longer_be_read_is_reported_all_the_same()
    {
        ReportReader report = Read(Failed() with { Returned = default });

        Assert.Equal(2, report.Parts.Count);
        Assert.Equal("5.1.1", report.PerRecipient[0]["Status"]);
    }

    [Fact]
    public void C28_Each_recipient_has_a_group_of_its_own_in_the_order_given()
    {
        DeliveryReport failed = Failed();
        ReportReader report = Read(failed with
        {
            Recipients =
            [
                failed.Recipients[0],
                failed.Recipients[0] with { Recipient = new Recipient(new Mailbox("carol", "example.org")), Reply = new(554, null, "No") },
            ],
        });

        Assert.Equal(["5.1.1", "5.0.0"], report.PerRecipient.Select(recipient => recipient["Status"]));
        Assert.Equal(["rfc822; Bob@Example.ORG", "rfc822; carol@example.org"], report.PerRecipient.Select(recipient => recipient["Final-Recipient"]));
        Assert.Contains("these addresses", report.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_could_not_be_sent_at_all_has_no_remote_MTA_and_no_smtp_diagnostic()
    {
        DeliveryReport failed = Failed();
        ReportReader report = Read(failed with { Recipients = [failed.Recipients[0] with { RemoteMta = "", Reply = new(552, 3, 4, "too large") }] });

        Assert.DoesNotContain("Remote-MTA", report.PerRecipient[0].Keys);
        Assert.Equal("x-relayproxy; 552 5.3.4 too large", report.PerRecipient[0]["Diagnostic-Code"]);
        Assert.Contains("It could not be sent: 552 5.3.4 too large", Unwrapped(report.Text), StringComparison.Ordinal);
    }

    [Fact]
    public void A_delay_notice_says_until_when_and_that_nothing_need_be_done()
    {
        ReportReader report = Read(Failed() with { Action = ReportAction.Delayed, WillRetryUntil = s_now.AddDays(4) });

        Assert.Equal("delayed", report.PerRecipient[0]["Action"]);
        Assert.Equal("Thu, 26 Nov 2026 06:00:00 +0100", report.PerRecipient[0]["Will-Retry-Until"]);
        Assert.Equal("Delayed mail, still being tried", report.Header["Subject"]);
        Assert.Contains("there is nothing you have to do", Unwrapped(report.Text), StringComparison.Ordinal);
    }

    [Fact]
    public void E33_A_report_of_success_says_relayed()
    {
        DeliveryReport failed = Failed();
        ReportReader report = Read(failed with
        {
            Action = ReportAction.Relayed,
            Recipients = [failed.Recipients[0] with { Reply = new(250, 0, 0, "Ok: queued as 4711") }],
        });

        Assert.Equal("relayed", report.PerRecipient[0]["Action"]);
        Assert.Equal("2.0.0", report.PerRecipient[0]["Status"]);
        Assert.Contains("does not report deliveries. It said: 250 2.0.0 Ok: queued as 4711", Unwrapped(report.Text), StringComparison.Ordinal);
    }

    [Fact]
    public void E41_With_UTF8_addresses_it_is_a_global_report()
    {
        ReportReader report = Read(International(sevenBitOnly: false));

        Assert.Equal(["text/plain", "message/global-delivery-status", "message/global-headers"], Enumerable.Range(0, 3).Select(report.TypeOf));
        Assert.Equal("utf-8; jörg@bücher.example", report.PerRecipient[0]["Final-Recipient"]);
        Assert.Equal("8bit", report.Header["Content-Transfer-Encoding"]);
        Assert.Contains("<jörg@bücher.example>", report.Text, StringComparison.Ordinal);
        Assert.Contains("Grüße", report.Returned, StringComparison.Ordinal);
    }

    [Fact]
    public void E41_For_a_smarthost_without_SMTPUTF8_it_is_ASCII_throughout()
    {
        byte[] octets = Write(International(sevenBitOnly: true));
        ReportReader report = new(octets);

        Assert.True(Ascii.IsValid(octets));
        Assert.Equal(["text/plain", "message/delivery-status", "text/rfc822-headers"], Enumerable.Range(0, 3).Select(report.TypeOf));
        Assert.Equal("utf-8; j\\x{F6}rg@b\\x{FC}cher.example", report.PerRecipient[0]["Final-Recipient"]);
        Assert.Contains("Gr=C3=BC=C3=9Fe", report.Returned, StringComparison.Ordinal);
    }

    [Fact]
    public void E41_A_sender_that_needs_UTF8_gets_it()
    {
        DeliveryReport failed = Failed();
        ReportReader report = Read(failed with { To = new Mailbox("jürgen", "example.net"), SevenBitOnly = true });

        Assert.Equal("<jürgen@example.net>", report.Header["To"]);
        Assert.Equal("message/global-delivery-status", report.TypeOf(1));
    }

    [Theory]
    [InlineData("x\rInjected: y", "x\\x0dInjected: y")]
    [InlineData("x\r\n\r\n--=_boundary--\r\n", "x\\x0d\\x0a\\x0d\\x0a--=_boundary--\\x0d\\x0a")]
    [InlineData("\u001b[2Jgone", "\\x1b[2Jgone")]
    [InlineData("nul\0", "nul\\x00")]
    [InlineData("caf\u00e9", "caf\\xe9")]
    [InlineData("\u202eevil", "\\x{202E}evil")]
    public void A_smarthosts_words_stay_words(string text, string expected)
    {
        DeliveryReport failed = Failed();
        ReportReader report = Read(failed with { Recipients = [failed.Recipients[0] with { Reply = new(550, 1, 1, text) }] });

        // A reply's lines are joined by LF, so LF alone is a blank by the time it is one line.
        Assert.Equal("smtp; 550 5.1.1 " + expected.Replace("\\x0a", " ", StringComparison.Ordinal).TrimEnd(), report.PerRecipient[0]["Diagnostic-Code"].TrimEnd());
        Assert.Equal(3, report.Parts.Count);
    }

    [Fact]
    public void An_endless_reply_is_cut_and_no_line_is_too_long()
    {
        DeliveryReport failed = Failed();
        byte[] octets = Write(failed with { Recipients = [failed.Recipients[0] with { Reply = new(550, 1, 1, new string('x', 100_000)) }] });

        Assert.InRange(octets.Length, 0, 10_000);
        Assert.All(Encoding.UTF8.GetString(octets).Split("\r\n"), line => Assert.InRange(line.Length, 0, 998));
        Assert.EndsWith("...", new ReportReader(octets).PerRecipient[0]["Diagnostic-Code"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no brackets")]
    [InlineData("<a@b>\r\nInjected: y")]
    [InlineData("<ü@b>")]
    public void What_is_no_message_id_is_not_referred_to(string messageId)
    {
        DeliveryReport failed = Failed();
        ReportReader report = Read(failed with { Message = failed.Message with { MessageId = messageId } });

        Assert.DoesNotContain("In-Reply-To", report.Header.Keys);
        Assert.DoesNotContain("Injected", report.Header.Keys);
    }

    [Fact]
    public void A_quoted_local_part_keeps_its_blanks()
    {
        DeliveryReport report = Failed(new Recipient(new Mailbox(new string('a', 30) + "  b" + new string('c', 30), "example.org")));

        Assert.Equal(
            $"rfc822; \"{new string('a', 30)}  b{new string('c', 30)}\"@example.org", Read(report).PerRecipient[0]["Final-Recipient"]);
    }

    [Fact]
    public void C39_A_notice_for_the_postmaster_says_where_the_message_is()
    {
        DeliveryReport failed = Failed();
        ReportReader report = Read(failed with { ForPostmaster = true, To = new Mailbox("postmaster", "example.net") });

        Assert.Equal("Undelivered mail without a sender to return it to", report.Header["Subject"]);
        Assert.Contains($"relayproxy queue show {failed.Message.Id}", Unwrapped(report.Text), StringComparison.Ordinal);
    }

    private static DeliveryReport Failed(Recipient? recipient = null)
    {
        recipient ??= new Recipient(new Mailbox("Bob", "Example.ORG"));
        return new DeliveryReport
        {
            Action = ReportAction.Failed,
            Message = new QueuedMessage
            {
                Id = new QueueId(4711),
                Envelope = new Envelope { Sender = new Mailbox("Alice", "example.net") },
                Octets = 100,
                ReceivedAt = s_now.AddMinutes(-10).ToUniversalTime(),
                ExpiresAt = s_now.AddDays(5),
                MessageId = "<original@example.net>",
                Recipients = [new QueuedRecipient { Ordinal = 0, Recipient = recipient }],
            },
            Recipients = [new ReportedRecipient(recipient, s_noSuchUser, "smtp.example.com", s_now.AddMinutes(-1).ToUniversalTime())],
            To = new Mailbox("Alice", "example.net"),
            HostName = "relay.example.net",
            Now = s_now,
            Returned = "Subject: x\r\nTo: bob\r\n"u8.ToArray(),
        };
    }

    private static DeliveryReport International(bool sevenBitOnly)
    {
        DeliveryReport failed = Failed(new Recipient(new Mailbox("jörg", "bücher.example")));
        return failed with
        {
            Message = failed.Message with { Traits = ContentTraits.Utf8Header | ContentTraits.EightBit },
            Returned = Encoding.UTF8.GetBytes("Subject: Grüße\r\n"),
            SevenBitOnly = sevenBitOnly,
        };
    }

    private static byte[] Write(DeliveryReport report)
    {
        var output = new ArrayBufferWriter<byte>();
        NonDeliveryReport.Write(output, report, new QueueId(4712), Boundary);
        return output.WrittenSpan.ToArray();
    }

    private static ReportReader Read(DeliveryReport report) => new(Write(report));

    private static string Unwrapped(string text) =>
        string.Join(' ', text.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
