using System.Buffers;
using RelayProxy.Harness;
using RelayProxy.Intake;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;

namespace RelayProxy.Unit.Intake;

public class IntakeTransactionTests
{
    private const string Whole = "Date: x\r\nMessage-ID: <1@x>\r\nFrom: a@b.example\r\n\r\nHello\r\n";

    private readonly TestIntake _intake = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_whole_message_gets_a_trace_field_and_nothing_else()
    {
        string stored = await _intake.StoreAsync(Whole);

        Assert.Equal(Whole, TestIntake.BelowTrace(stored));
    }

    [Fact]
    public async Task The_reply_names_the_queue_id_and_the_message_is_in_the_store()
    {
        SmtpReply reply = await _intake.SendAsync(Whole);

        QueuedMessage message = Assert.Single(_intake.Store.Messages);
        Assert.Equal($"250 2.0.0 Queued as {message.Id}", reply.ToString());
        Assert.Equal(TestIntake.Alice, message.Envelope.Sender);
        Assert.Equal(TestIntake.Bob, Assert.Single(message.Recipients).Recipient.Address);
        Assert.Equal("<1@x>", message.MessageId);
        Assert.Equal("www-data (uid 33) 127.0.0.1", message.Origin);
        Assert.Equal(message.Octets - "Hello\r\n".Length, message.HeaderOctets);
        Assert.Equal(message.ReceivedAt + TimeSpan.FromDays(5), message.ExpiresAt);
        Assert.Equal(message.ReceivedAt + TimeSpan.FromHours(4), message.DelayNoticeAt);
        Assert.Equal(0, _intake.Store.Open);
    }

    [Fact]
    public async Task A_message_not_committed_was_never_there()
    {
        await using (IntakeTransaction transaction = _intake.Begin(TestIntake.Bob))
        {
            transaction.Write(new byte[100_000]);
            await transaction.DrainAsync(Token);
        }

        Assert.Empty(_intake.Store.Messages);
        Assert.Equal(0, _intake.Store.Open);
    }

    [Fact]
    public async Task Without_a_recipient_nothing_is_stored()
    {
        await using IntakeTransaction transaction = _intake.Desk.Begin(_intake.Origin, _intake.Envelope);
        transaction.Write(new byte[100_000]);
        await transaction.DrainAsync(Token);

        Assert.Equal(554, (await transaction.CommitAsync(Token)).Code);
        Assert.Equal(0, _intake.Store.OctetsWritten);
        Assert.Empty(_intake.Store.Messages);
    }

    [Fact]
    public async Task Nobody_is_told_of_a_delay_where_there_is_no_sender()
    {
        _intake.Envelope = new Envelope();
        await _intake.SendAsync(Whole);

        Assert.Null(Assert.Single(_intake.Store.Messages).DelayNoticeAt);
    }

    [Fact]
    public async Task A19_Ten_thousand_identical_recipients_are_one()
    {
        await using IntakeTransaction transaction = _intake.Begin();
        for (int i = 0; i < 10_000; i++)
        {
            Assert.Null(transaction.AddRecipient(new Recipient(new Mailbox("bob", i % 2 == 0 ? "example.org" : "EXAMPLE.ORG"))));
        }

        Assert.Equal(10_000, transaction.AcceptedRecipients);
        Assert.True((await transaction.CommitAsync(Token)).IsSuccess);
        Assert.Single(Assert.Single(_intake.Store.Messages).Recipients);
    }

    [Fact]
    public async Task A08_Local_parts_that_differ_in_letter_case_are_two_recipients()
    {
        await using IntakeTransaction transaction = _intake.Begin(new Mailbox("MiXeD", "x.y"), new Mailbox("mixed", "x.y"));
        await transaction.CommitAsync(Token);

        Assert.Equal(
            ["MiXeD@x.y", "mixed@x.y"],
            Assert.Single(_intake.Store.Messages).Recipients.Select(recipient => recipient.Recipient.Address.ToString()));
    }

    [Fact]
    public async Task A20_No_address_without_a_domain_reaches_the_queue()
    {
        _intake.Envelope = new Envelope { Sender = new Mailbox("www-data", "") };
        await using IntakeTransaction transaction = _intake.Begin(new Mailbox("root", ""), new Mailbox("joe", "localhost"));
        await transaction.CommitAsync(Token);

        QueuedMessage message = Assert.Single(_intake.Store.Messages);
        Assert.Equal("www-data@example.net", message.Envelope.Sender!.ToString());
        Assert.Equal(
            ["root@example.net", "joe@example.net"],
            message.Recipients.Select(recipient => recipient.Recipient.Address.ToString()));
    }

    [Fact]
    public async Task A_refused_recipient_is_not_counted()
    {
        await using IntakeTransaction transaction = _intake.Begin(TestIntake.Bob);

        Assert.Equal(550, transaction.AddRecipient(new Recipient(new Mailbox("joe", "mailhub")))!.Value.Code);
        Assert.Equal(1, transaction.AcceptedRecipients);
    }

    [Fact]
    public async Task Delivery_gets_the_lease_where_it_has_room()
    {
        _intake.HandOver.HasRoom = true;
        await _intake.SendAsync(Whole);

        QueueLease lease = Assert.Single(_intake.HandOver.Leases);
        Assert.Equal(Assert.Single(_intake.Store.Messages).Id, lease.Message.Id);
        Assert.Equal(0, _intake.HandOver.Reserved);
        Assert.True(_intake.Store.Messages[0].InDelivery);
    }

    [Fact]
    public async Task Without_room_in_delivery_the_message_waits_in_the_store()
    {
        await _intake.SendAsync(Whole);

        Assert.False(Assert.Single(_intake.Store.Messages).InDelivery);
    }

    [Theory]
    [InlineData(CommitStatus.Full, "452 4.3.1")]
    [InlineData(CommitStatus.Failed, "451 4.3.0")]
    internal async Task D16_A_commit_that_fails_is_not_a_250_and_gives_the_place_back(CommitStatus status, string reply)
    {
        _intake.HandOver.HasRoom = true;
        _intake.Store.CommitsAs = status;

        Assert.StartsWith(reply, (await _intake.SendAsync(Whole)).ToString(), StringComparison.Ordinal);
        Assert.Equal(0, _intake.HandOver.Reserved);
        Assert.Empty(_intake.HandOver.Leases);
        Assert.Empty(_intake.Store.Messages);
        Assert.Equal(0, _intake.Store.Open);
        Assert.Contains("not accepted", Assert.Single(_intake.Logger.Entries).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, "451 4.3.0")]
    [InlineData(true, "452 4.3.1")]
    public async Task E09_After_a_fault_of_the_store_the_rest_is_swallowed_and_the_fault_told_at_the_end(bool isFull, string reply)
    {
        _intake.Store.WriteFault = isFull ? new QueueFullException("No room.") : new IOException("The disk is gone.");
        _intake.Store.FaultAfterOctets = 100_000;
        await using IntakeTransaction transaction = _intake.Begin(TestIntake.Bob);
        transaction.Write(Sequences.Octets(Whole));
        byte[] block = Sequences.Octets(new string('x', 62) + "\r\n");
        for (int i = 0; i < 100_000; i++)
        {
            transaction.Write(block);
            await transaction.DrainAsync(Token);
        }

        Assert.InRange(_intake.Store.OctetsWritten, 1, 100_000);
        Assert.Equal(0, _intake.Store.Open);
        Assert.True(transaction.GetMemory().Length <= 64 * 1024);
        Assert.Equal((100_000 * 64) + Whole.Length, transaction.ContentOctets);
        Assert.StartsWith(reply, (await transaction.CommitAsync(Token)).ToString(), StringComparison.Ordinal);
        Assert.Empty(_intake.Store.Messages);
        Assert.Single(_intake.Logger.Entries);
    }

    [Fact]
    public async Task A_message_that_the_session_gives_up_is_swallowed_and_its_reason_told()
    {
        await using IntakeTransaction transaction = _intake.Begin(TestIntake.Bob);
        transaction.Write(new byte[100_000]);
        await transaction.DrainAsync(Token);
        transaction.Refuse(new SmtpReply(552, 3, 4, "Too big"));
        transaction.Write(new byte[100_000]);
        await transaction.DrainAsync(Token);

        Assert.Equal(0, _intake.Store.Open);
        Assert.Equal("552 5.3.4 Too big", (await transaction.CommitAsync(Token)).ToString());
        Assert.Empty(_intake.Store.Messages);
    }

    [Fact]
    public async Task A_body_streams_past_in_bounded_memory()
    {
        await using IntakeTransaction transaction = _intake.Begin(TestIntake.Bob);
        transaction.Write(Sequences.Octets(Whole));
        byte[] block = new byte[4096];
        block[^2] = (byte)'\r';
        block[^1] = (byte)'\n';
        for (int i = 0; i < 1000; i++)
        {
            transaction.Write(block);
            await transaction.DrainAsync(Token);
            Assert.True(transaction.GetMemory().Length <= 64 * 1024);
        }

        await transaction.CommitAsync(Token);
        QueuedMessage message = Assert.Single(_intake.Store.Messages);
        Assert.True(message.Octets > 1000 * 4096);
        Assert.True(message.Traits.HasFlag(ContentTraits.Nul | ContentTraits.LongLine));
    }

    [Fact]
    public async Task D06_All_256_octets_survive()
    {
        string all = string.Concat(Enumerable.Range(0, 256).Where(octet => octet is not (10 or 13)).Select(octet => (char)octet));

        Assert.EndsWith("\r\n\r\n" + all + "\r\n", await _intake.StoreAsync($"X: {all}\r\n\r\n{all}\r\n"), StringComparison.Ordinal);
        Assert.Equal(
            ContentTraits.EightBit | ContentTraits.Utf8Header | ContentTraits.Nul, Assert.Single(_intake.Store.Messages).Traits);
    }

    [Theory]
    [InlineData(998, false)]
    [InlineData(999, true)]
    [InlineData(2_048, true)]
    [InlineData(10_000_000, true)]
    public async Task D04_A_line_is_kept_whole_however_long_it_is(int octets, bool isLong)
    {
        string body = string.Concat(Enumerable.Repeat(new string('x', 996) + "..", 1 + (octets / 998)))[..octets] + "\r\n.\r\n";

        Assert.EndsWith("\r\n\r\n" + body, await _intake.StoreAsync("X: y\r\n\r\n" + body), StringComparison.Ordinal);
        Assert.Equal(isLong, Assert.Single(_intake.Store.Messages).Traits.HasFlag(ContentTraits.LongLine));
    }

    [Theory]
    [InlineData("X-Field: y\r\n")]
    [InlineData(" folded\r\n")]
    [InlineData("xxxxxxxxxxxx")]
    public async Task A_header_section_without_end_streams_past_in_bounded_memory(string scrap)
    {
        byte[] block = Sequences.Octets(string.Concat(Enumerable.Repeat(scrap, 300)));
        await using IntakeTransaction transaction = _intake.Begin(TestIntake.Bob);
        transaction.Write("Subject: "u8);
        for (int i = 0; i < 5_000; i++)
        {
            transaction.Write(block);
            await transaction.DrainAsync(Token);
            Assert.True(transaction.GetMemory().Length <= 256 * 1024);
        }

        Assert.True((await transaction.CommitAsync(Token)).IsSuccess);
        Assert.True(Assert.Single(_intake.Store.Messages).Octets > 5_000L * block.Length);
    }

    [Theory]
    [InlineData(StoreHealth.Ready, null)]
    [InlineData(StoreHealth.Full, "452 4.3.1")]
    [InlineData(StoreHealth.Suspect, "451 4.3.0")]
    internal void The_desk_is_closed_while_the_store_cannot_take_mail(StoreHealth health, string? reply)
    {
        _intake.Store.Health = health;

        Assert.Equal(reply, _intake.Desk.Closed()?.ToString()[..9]);
    }

    [Fact]
    public async Task One_line_is_logged_for_each_message_accepted()
    {
        await _intake.SendAsync(Whole);

        QueuedMessage message = Assert.Single(_intake.Store.Messages);
        Assert.Equal(
            $"{message.Id}: from=<alice@example.net> size={message.Octets} nrcpt=1 message-id=<1@x> client=127.0.0.1 uid=33 proto=ESMTP",
            Assert.Single(_intake.Logger.Entries).Text);
    }

    [Theory]
    [InlineData("<\u001b[2J@x>", "message-id=<\\u001b[2J@x> ")]
    [InlineData("<a\r\n b@x>", "message-id=<a b@x> ")]
    [InlineData("<\u00e2\u0080\u00ae@x>", "message-id=<\\u202e@x> ")]
    [InlineData("<a\0b@x>", "message-id=<a\\u0000b@x> ")]
    public async Task A_hostile_Message_ID_stays_on_its_line_of_the_log(string messageId, string logged)
    {
        await _intake.SendAsync($"Message-ID: {messageId}\r\n\r\n");

        string text = Assert.Single(_intake.Logger.Entries).Text;
        Assert.Contains(logged, text, StringComparison.Ordinal);
        Assert.DoesNotContain(text, letter => char.IsControl(letter) || letter == '\u202e');
    }

    [Fact]
    public async Task A_report_is_prepared_and_not_committed()
    {
        await using IntakeTransaction transaction = _intake.Desk.Begin(MessageOrigin.Report, new Envelope());
        transaction.AddRecipient(new Recipient(TestIntake.Alice, DsnNotify.Never));
        transaction.Write(Sequences.Octets(Whole));
        await using PreparedMessage? report = await transaction.PrepareAsync(Token);

        Assert.NotNull(report);
        Assert.Equal("report", report.Message.Origin);
        Assert.Null(report.Message.DelayNoticeAt);
        Assert.Empty(_intake.Store.Messages);
    }

    [Fact]
    public async Task A_report_that_the_store_cannot_take_is_none()
    {
        _intake.Store.WriteFault = new IOException("The disk is gone.");
        await using IntakeTransaction transaction = _intake.Desk.Begin(MessageOrigin.Report, new Envelope());
        transaction.AddRecipient(new Recipient(TestIntake.Alice));
        transaction.Write(Sequences.Octets(Whole));

        Assert.Null(await transaction.PrepareAsync(Token));
        Assert.Equal(0, _intake.Store.Open);
    }
}
