using System.Text;
using Microsoft.Extensions.Logging;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Telemetry;

namespace RelayProxy.Integration.Delivery;

/// <summary>Who is told what, when mail fails, is late, or arrives where nobody says so.</summary>
public sealed class ReportJourneys : IAsyncDisposable
{
    private const string Sender = "alice@example.net";
    private readonly DeliveryUnderTest _relay = new();

    public ReportJourneys()
    {
        _relay.Smarthost.OnRcpt = step => step.Line.Contains("nobody", StringComparison.Ordinal) ? "550 5.1.1 No such user" : "250 2.1.5 Ok";
    }

    private IEnumerable<CapturedMail> Reports => _relay.Smarthost.Mails.Where(mail => mail.Sender.Length == 0);

    public ValueTask DisposeAsync() => _relay.DisposeAsync();

    [Fact]
    public async Task E36_C39_A_bounce_comes_from_the_null_sender_without_RET_and_without_NOTIFY()
    {
        _relay.Start();
        QueueId id = await _relay.AcceptAsync(Sender, "nobody@example.org");
        await _relay.QuietAsync();

        CapturedMail bounce = Assert.Single(Reports);
        Assert.StartsWith("MAIL FROM:<>", bounce.MailCommand, StringComparison.Ordinal);
        Assert.DoesNotContain("RET=", bounce.MailCommand, StringComparison.Ordinal);
        Assert.Equal("RCPT TO:<alice@example.net>", Assert.Single(bounce.RcptCommands));
        ReportReader report = new(bounce.Content);
        Assert.Equal("<alice@example.net>", report.Header["To"]);
        Assert.Equal("auto-replied", report.Header["Auto-Submitted"]);
        Assert.Equal("dns; smarthost.test", report.PerRecipient[0]["Remote-MTA"]);
        Assert.Contains("Subject: Backup done", report.Returned, StringComparison.Ordinal);
        Assert.DoesNotContain("All is well", report.Returned, StringComparison.Ordinal);
        Assert.Empty(await _relay.QueueAsync());
        Assert.Contains(_relay.Logged(LogLevel.Warning), line => line.Contains($"{id}: to=<nobody@example.org>", StringComparison.Ordinal)
            && line.Contains("status=bounced (550 5.1.1 No such user)", StringComparison.Ordinal));
        Assert.Contains(_relay.Logged(), line => line.StartsWith($"{id}: Failed report to <alice@example.net> is ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_bounce_is_never_queued_without_its_message_being_settled_and_nothing_leaks()
    {
        _relay.Start();
        for (int i = 0; i < 20; i++)
        {
            await _relay.AcceptAsync(Sender, "nobody@example.org", "bob@example.org");
        }

        await _relay.QuietAsync();

        Assert.Equal(20, Reports.Count());
        Assert.Equal(0, ((MemoryQueueStore)_relay.Store).Open);
    }

    [Theory]
    [InlineData("bounced at once", 1)]
    [InlineData("after a retry", 1)]
    public async Task One_report_for_each_failure_and_no_more(string when, int reports)
    {
        _relay.Start();
        bool greylisted = when == "after a retry";
        _relay.Smarthost.OnRcpt = step => !step.Line.Contains("nobody", StringComparison.Ordinal)
            ? "250 2.1.5 Ok"
            : greylisted ? "450 4.2.0 Greylisted" : "550 5.1.1 No such user";
        await _relay.AcceptAsync(Sender, "nobody@example.org");
        await _relay.QuietAsync();
        greylisted = false;
        await _relay.PassAsync(TimeSpan.FromHours(1), TimeSpan.FromMinutes(1));

        Assert.Equal(reports, Reports.Count());
    }

    [Fact]
    public async Task E39_RET_FULL_returns_a_small_message_whole_and_of_a_large_one_its_header()
    {
        _relay.Options.MaxReturnedOctets = 4096;
        _relay.Start();
        var envelope = new Envelope { Sender = new Mailbox("alice", "example.net"), Return = DsnReturn.Full };
        var nobody = new Recipient(new Mailbox("nobody", "example.org"));
        await _relay.AcceptAsync(envelope, [nobody], "Subject: small\r\n\r\nThe body\r\n");
        await _relay.AcceptAsync(envelope, [nobody], "Subject: large\r\n\r\n" + string.Concat(Enumerable.Repeat("0123456789abcdef\r\n", 1000)));
        await _relay.QuietAsync();

        ReportReader[] reports = [.. Reports.Select(mail => new ReportReader(mail.Content)).OrderBy(report => report.TypeOf(2))];
        Assert.Equal("message/rfc822", reports[0].TypeOf(2));
        Assert.EndsWith("\r\n\r\nThe body\r\n", reports[0].Returned, StringComparison.Ordinal);
        Assert.Equal("text/rfc822-headers", reports[1].TypeOf(2));
        Assert.Contains("Subject: large", reports[1].Returned, StringComparison.Ordinal);
        Assert.DoesNotContain("0123456789abcdef", reports[1].Returned, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData((int)DsnReturn.Unspecified, "message/rfc822")]
    [InlineData((int)DsnReturn.Full, "message/rfc822")]
    [InlineData((int)DsnReturn.Headers, "text/rfc822-headers")]
    public async Task Who_did_not_say_what_to_return_gets_it_whole_where_the_settings_say_so(int asked, string returned)
    {
        _relay.Options.ReturnWhole = true;
        _relay.Start();
        var envelope = new Envelope { Sender = new Mailbox("alice", "example.net"), Return = (DsnReturn)asked };
        await _relay.AcceptAsync(envelope, [new Recipient(new Mailbox("nobody", "example.org"))], "Subject: small\r\n\r\nThe body\r\n");
        await _relay.QuietAsync();

        Assert.Equal(returned, new ReportReader(Assert.Single(Reports).Content).TypeOf(2));
    }

    [Theory]
    [InlineData((int)DsnNotify.Unspecified, true)]
    [InlineData((int)DsnNotify.Failure, true)]
    [InlineData((int)(DsnNotify.Failure | DsnNotify.Delay), true)]
    [InlineData((int)DsnNotify.Never, false)]
    [InlineData((int)DsnNotify.Success, false)]
    [InlineData((int)DsnNotify.Delay, false)]
    public async Task E33_NOTIFY_decides_whether_a_failure_is_told(int notify, bool told)
    {
        _relay.Start();
        await _relay.AcceptAsync(
            new Envelope { Sender = new Mailbox("alice", "example.net") }, [new Recipient(new Mailbox("nobody", "example.org"), (DsnNotify)notify)]);
        await _relay.QuietAsync();

        Assert.Equal(told ? 1 : 0, Reports.Count());
        Assert.Empty(await _relay.QueueAsync());
    }

    [Fact]
    public async Task E33_Success_is_told_as_relayed_if_the_smarthost_has_no_DSN_and_by_the_smarthost_if_it_has()
    {
        _relay.Start();
        var envelope = new Envelope { Sender = new Mailbox("alice", "example.net"), EnvelopeId = "QQ+2B1" };
        Recipient[] recipients =
        [
            new(new Mailbox("bob", "example.org"), DsnNotify.Success, "rfc822;Robert@example.org"),
            new(new Mailbox("carol", "example.org")),
        ];
        await _relay.AcceptAsync(envelope, recipients);
        await _relay.QuietAsync();
        Assert.Empty(Reports);

        _relay.Smarthost.Offers = ["PIPELINING", "AUTH PLAIN"];
        await _relay.PassAsync(TimeSpan.FromSeconds(10));
        await _relay.AcceptAsync(envelope, recipients);
        await _relay.QuietAsync();

        ReportReader report = new(Assert.Single(Reports).Content);
        IReadOnlyDictionary<string, string> relayed = Assert.Single(report.PerRecipient);
        Assert.Equal(
            ("relayed", "rfc822; bob@example.org", "rfc822; Robert@example.org"),
            (relayed["Action"], relayed["Final-Recipient"], relayed["Original-Recipient"]));
        Assert.Equal("QQ+1", report.PerMessage["Original-Envelope-Id"]);
    }

    [Fact]
    public async Task E35_C39_A_bounce_that_bounces_is_parked_logged_and_counted_and_nobody_is_told()
    {
        using var metrics = new MetricsBook(_relay.Metrics.Meter);
        _relay.Start();
        QueueId id = await _relay.AcceptAsync("", "nobody@example.org");
        await _relay.PassAsync(TimeSpan.FromDays(6), TimeSpan.FromHours(1));

        Assert.Equal("Parked", await _relay.StateAsync(id));
        Assert.Empty(_relay.Smarthost.Mails);
        Assert.Contains("relayproxy_delivery_attempts_total{smarthost=\"smarthost.test:465\",result=\"parked\"} 1\n", metrics.Read(), StringComparison.Ordinal);
        Assert.Contains(
            $"{id}: cannot be delivered to nobody@example.org, and has no sender to tell: parked", _relay.Logged(LogLevel.Error));
    }

    [Fact]
    public async Task E35_C39_The_postmaster_hears_of_it_by_mail_that_does_not_bounce_in_its_turn()
    {
        _relay.Options.PostmasterAddress = "nobody-home@example.net";
        _relay.Start();
        QueueId id = await _relay.AcceptAsync("", "nobody@example.org");
        await _relay.QuietAsync();

        // The notice failed as well, and that is the end of it.
        Assert.Equal("Parked", await _relay.StateAsync(id));
        Assert.Equal(2, (await _relay.QueueAsync()).Count);
        Assert.All(await _relay.QueueAsync(), message => Assert.Equal(RecipientState.Parked, message.Recipients[0].State));
        Assert.Empty(_relay.Smarthost.Mails);
    }

    [Fact]
    public async Task The_postmasters_notice_says_where_the_message_is_kept()
    {
        _relay.Options.PostmasterAddress = "postmaster@example.net";
        _relay.Start();
        QueueId id = await _relay.AcceptAsync("", "nobody@example.org");
        await _relay.QuietAsync();

        CapturedMail notice = Assert.Single(Reports);
        Assert.Equal(["postmaster@example.net"], notice.Recipients);
        Assert.Contains("NOTIFY=NEVER", notice.RcptCommands[0], StringComparison.Ordinal);
        Assert.Contains($"relayproxy queue show {id}", Unwrapped(new ReportReader(notice.Content).Text), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_smarthost_that_refuses_everything_gets_one_bounce_a_message_and_no_more()
    {
        _relay.Smarthost.OnRcpt = _ => "550 5.7.1 No";
        _relay.Start();
        for (int i = 0; i < 50; i++)
        {
            await _relay.AcceptAsync(Sender, "bob@example.org");
        }

        await _relay.PassAsync(TimeSpan.FromHours(2), TimeSpan.FromMinutes(5));

        Assert.Equal(50, _relay.Logged().Count(line => line.Contains("Failed report to", StringComparison.Ordinal)));
        Assert.Equal(50, (await _relay.QueueAsync()).Count);

        // Once for each message and once for each bounce; again only where a connection was closed in the middle for having been idle.
        Assert.InRange(_relay.Smarthost.Commands.Count(command => command.StartsWith("RCPT", StringComparison.Ordinal)), 100, 120);
    }

    [Fact]
    public async Task A_sender_that_has_had_its_share_of_bounces_gets_no_more_and_its_mail_is_kept()
    {
        _relay.Options.MaxReportsPerHour = 10;
        _relay.Start();
        for (int i = 0; i < 30; i++)
        {
            await _relay.AcceptAsync(Sender, "nobody@example.org");
        }

        await _relay.AcceptAsync("carol@example.net", "nobody@example.org");
        await _relay.QuietAsync();

        Assert.Equal(11, Reports.Count());
        IReadOnlyList<QueuedMessage> kept = await _relay.QueueAsync();
        Assert.Equal(20, kept.Count);
        Assert.All(kept, message => Assert.Equal(
            (RecipientState.Parked, "550 5.1.1 No such user (<alice@example.net> has had 10 bounces within an hour)"),
            (message.Recipients[0].State, message.Recipients[0].LastReply)));
    }

    [Fact]
    public async Task After_four_hours_the_sender_hears_once_that_its_mail_is_late_even_while_the_smarthost_rests()
    {
        _relay.IsAway = true;
        _relay.Start();
        QueueId id = await _relay.AcceptAsync(Sender, "bob@example.org");
        await _relay.PassAsync(TimeSpan.FromHours(3.9), TimeSpan.FromMinutes(5));
        Assert.Single(await _relay.QueueAsync());

        await _relay.PassAsync(TimeSpan.FromHours(8), TimeSpan.FromMinutes(5));
        Assert.Equal(2, (await _relay.QueueAsync()).Count);

        _relay.IsAway = false;
        await _relay.PassAsync(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10));
        ReportReader report = new(Assert.Single(Reports).Content);
        Assert.Equal("delayed", report.PerRecipient[0]["Action"]);
        Assert.StartsWith("4.", report.PerRecipient[0]["Status"], StringComparison.Ordinal);
        Assert.Contains("Connection refused", report.PerRecipient[0]["Diagnostic-Code"], StringComparison.Ordinal);
        Assert.Equal("Fri, 27 Nov 2026 05:00:00 +0000", report.PerRecipient[0]["Will-Retry-Until"]);
        Assert.Equal("delivered", (await _relay.HistoryAsync(id))[^1].Outcome);
    }

    [Theory]
    [InlineData((int)DsnNotify.Never)]
    [InlineData((int)DsnNotify.Failure)]
    [InlineData((int)DsnNotify.Success)]
    public async Task E33_Who_did_not_ask_for_delays_hears_of_none(int notify)
    {
        _relay.IsAway = true;
        _relay.Start();
        await _relay.AcceptAsync(
            new Envelope { Sender = new Mailbox("alice", "example.net") }, [new Recipient(new Mailbox("bob", "example.org"), (DsnNotify)notify)]);
        await _relay.PassAsync(TimeSpan.FromHours(6), TimeSpan.FromMinutes(10));

        QueuedMessage message = Assert.Single(await _relay.QueueAsync());
        Assert.Null(message.DelayNoticeAt);
    }

    [Fact]
    public async Task After_five_days_without_the_smarthost_mail_is_given_up_and_the_sender_told()
    {
        _relay.IsAway = true;
        _relay.QueueOptions.DelayNoticeAfter = TimeSpan.Zero;
        _relay.Start();
        QueueId id = await _relay.AcceptAsync(Sender, "bob@example.org");
        await _relay.PassAsync(TimeSpan.FromDays(5.1), TimeSpan.FromMinutes(30));
        Assert.Equal("", await _relay.StateAsync(id));
        Assert.Equal(("GivenUp", "bounced"), ((await _relay.HistoryAsync(id))[^1].Stage, (await _relay.HistoryAsync(id))[^1].Outcome));

        _relay.IsAway = false;
        await _relay.PassAsync(TimeSpan.FromMinutes(10), TimeSpan.FromSeconds(10));

        IReadOnlyDictionary<string, string> failed = Assert.Single(new ReportReader(Assert.Single(Reports).Content).PerRecipient);
        Assert.Equal(("failed", "4.4.7"), (failed["Action"], failed["Status"]));
        Assert.Contains("Not delivered within 5 days. The last answer was: 421", failed["Diagnostic-Code"], StringComparison.Ordinal);
        Assert.DoesNotContain("Remote-MTA", failed.Keys);
    }

    [Fact]
    public async Task C31_After_five_days_of_greylisting_mail_is_given_up_with_the_last_answer()
    {
        _relay.Smarthost.OnRcpt = step => step.Line.Contains("bob", StringComparison.Ordinal) ? "450 4.2.0 Greylisted" : "250 2.1.5 Ok";
        _relay.QueueOptions.DelayNoticeAfter = TimeSpan.Zero;
        _relay.Start();
        QueueId id = await _relay.AcceptAsync(Sender, "bob@example.org");
        await _relay.PassAsync(TimeSpan.FromDays(4.9), TimeSpan.FromMinutes(30));
        Assert.Equal("Waiting", await _relay.StateAsync(id));

        await _relay.PassAsync(TimeSpan.FromDays(0.2), TimeSpan.FromMinutes(10));

        Assert.Equal("", await _relay.StateAsync(id));
        IReadOnlyDictionary<string, string> failed = Assert.Single(new ReportReader(Assert.Single(Reports).Content).PerRecipient);
        Assert.Contains("The last answer was: 450 4.2.0 Greylisted", failed["Diagnostic-Code"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_that_outlived_its_time_while_the_machine_was_off_is_tried_before_it_is_given_up()
    {
        _relay.QueueOptions.DelayNoticeAfter = TimeSpan.Zero;
        QueueId id = await _relay.AcceptAsync(Sender, "bob@example.org");
        _relay.Clock.Advance(TimeSpan.FromDays(6));
        _relay.IsAway = true;
        _relay.Start();

        await _relay.PassAsync(TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(1));
        Assert.Equal("Waiting", await _relay.StateAsync(id));

        _relay.IsAway = false;
        await _relay.PassAsync(TimeSpan.FromMinutes(9), TimeSpan.FromSeconds(30));
        Assert.Equal([Sender], _relay.Smarthost.Mails.Select(mail => mail.Sender));
    }

    [Fact]
    public async Task A_report_that_cannot_be_stored_leaves_the_message_waiting()
    {
        var store = (MemoryQueueStore)_relay.Store;
        _relay.Start();
        QueueId id = await _relay.AcceptAsync(Sender, "bob@example.org");
        await _relay.QuietAsync();
        Assert.Equal("", await _relay.StateAsync(id));

        // There is room for the message, and none for a report.
        store.WriteFault = new IOException("No space left on device");
        store.FaultAfterOctets = 1000;
        id = await _relay.AcceptAsync(Sender, "nobody@example.org", "bob@example.org");
        await _relay.QuietAsync();
        Assert.Equal("Waiting Delivered", await _relay.StateAsync(id));

        store.WriteFault = null;
        await _relay.PassAsync(TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(10));
        Assert.Equal("", await _relay.StateAsync(id));
        Assert.Single(Reports);
    }

    [Fact]
    public async Task E41_A_message_with_UTF8_addresses_is_reported_as_global_and_in_ASCII_to_a_smarthost_without_SMTPUTF8()
    {
        _relay.Start();
        var envelope = new Envelope { Sender = new Mailbox("alice", "example.net"), DeclaredSmtpUtf8 = true };
        Recipient[] recipients = [new(new Mailbox("nobody-jörg", "example.org"))];
        await _relay.AcceptAsync(envelope, recipients, "Subject: Grüße\r\n\r\nx\r\n");
        await _relay.QuietAsync();
        Assert.Equal("message/global-delivery-status", new ReportReader(Assert.Single(Reports).Content).TypeOf(1));

        _relay.Smarthost.Offers = ["PIPELINING", "8BITMIME", "AUTH PLAIN"];
        await _relay.PassAsync(TimeSpan.FromSeconds(10));
        await _relay.AcceptAsync(envelope, recipients, "Subject: Grüße\r\n\r\nx\r\n");
        await _relay.QuietAsync();

        byte[] ascii = Reports.Last().Content;
        Assert.True(Ascii.IsValid(ascii));
        Assert.Equal("utf-8; nobody-j\\x{F6}rg@example.org", new ReportReader(ascii).PerRecipient[0]["Final-Recipient"]);
    }

    [Fact]
    public async Task C40_A_bounce_of_a_message_that_went_in_circles_does_not_look_like_one_itself()
    {
        _relay.Start();
        string content = string.Concat(Enumerable.Repeat("Received: from a by b; Sun, 22 Nov 2026 05:00:00 +0000\r\n", 49)) + "Subject: x\r\n\r\ny\r\n";
        await _relay.AcceptAsync(
            new Envelope { Sender = new Mailbox("alice", "example.net") }, [new Recipient(new Mailbox("nobody", "example.org"))], content);
        await _relay.QuietAsync();

        Assert.Single(Reports);
    }

    [Fact]
    public async Task C40_A_message_that_the_smarthost_sends_back_to_us_ends_at_the_limit_of_Received_fields()
    {
        _relay.Start();
        string content = "Subject: round and round\r\n\r\ny\r\n";
        for (int round = 0; round < 51; round++)
        {
            await _relay.AcceptAsync(new Envelope { Sender = new Mailbox("alice", "example.net") }, [new Recipient(new Mailbox("loop", "example.org"))], content);
            await _relay.QuietAsync();
            content = Encoding.Latin1.GetString(_relay.Smarthost.Mails[round].Content);
        }

        InvalidOperationException refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => _relay.AcceptAsync(
            new Envelope { Sender = new Mailbox("alice", "example.net") }, [new Recipient(new Mailbox("loop", "example.org"))], content));

        Assert.StartsWith("554 5.4.6 ", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(await _relay.QueueAsync());
    }

    private static string Unwrapped(string text) =>
        string.Join(' ', text.Split([' ', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
}
