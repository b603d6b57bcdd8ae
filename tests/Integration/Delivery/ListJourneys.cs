using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Integration.Delivery;

/// <summary>Mail to lists: <c>owner-list</c> is the sender of what goes to a list, and hears what becomes of it.</summary>
public sealed class ListJourneys : IAsyncDisposable
{
    private const string Sender = "alice@example.net";
    private readonly DeliveryUnderTest _relay = new();

    public ListJourneys()
    {
        _relay.Rewrite.Aliases["team"] = "ann@example.org, nobody@example.org";
        _relay.Rewrite.Aliases["owner-team"] = "keeper@example.com";
        _relay.Smarthost.OnRcpt = step => step.Line.Contains("nobody", StringComparison.Ordinal) ? "550 5.1.1 No such user" : "250 2.1.5 Ok";
    }

    private IEnumerable<CapturedMail> Reports => _relay.Smarthost.Mails.Where(mail => mail.Sender.Length == 0);

    public ValueTask DisposeAsync() => _relay.DisposeAsync();

    [Fact]
    public async Task Each_return_path_has_a_transaction_of_its_own()
    {
        _relay.Start();
        await _relay.AcceptAsync(Sender, "bob@example.org", "team", "carl@example.org");
        await _relay.QuietAsync();

        CapturedMail[] sent = [.. _relay.Smarthost.Mails.Where(mail => mail.Sender.Length > 0)];
        Assert.Equal(["alice@example.net", "keeper@example.com"], sent.Select(mail => mail.Sender));
        Assert.Equal(["RCPT TO:<bob@example.org>", "RCPT TO:<carl@example.org>"], sent[0].RcptCommands);
        Assert.Equal(["RCPT TO:<ann@example.org> ORCPT=rfc822;team@example.net"], sent[1].RcptCommands);
    }

    [Fact]
    public async Task The_owner_hears_of_the_list_and_the_sender_of_everyone_else()
    {
        _relay.Start();
        await _relay.AcceptAsync(
            new Envelope { Sender = TestAddress(Sender), EnvelopeId = "abc", Return = DsnReturn.Full },
            [new Recipient(new Mailbox("team", "")), new Recipient(new Mailbox("nobody2", "example.org"))]);
        await _relay.QuietAsync();

        CapturedMail[] reports = [.. Reports];
        Assert.Equal(
            ["RCPT TO:<alice@example.net>", "RCPT TO:<keeper@example.com>"],
            reports.SelectMany(report => report.RcptCommands).Order(StringComparer.Ordinal));
        CapturedMail toOwner = reports.Single(report => report.RcptCommands.Contains("RCPT TO:<keeper@example.com>"));
        CapturedMail toSender = reports.Single(report => report != toOwner);
        Assert.Equal("rfc822; nobody@example.org", Assert.Single(new ReportReader(toOwner.Content).PerRecipient)["Final-Recipient"]);
        Assert.Equal("rfc822; nobody2@example.org", Assert.Single(new ReportReader(toSender.Content).PerRecipient)["Final-Recipient"]);
        Assert.DoesNotContain("abc", new ReportReader(toOwner.Content).PerMessage.Values);
        Assert.Equal("abc", new ReportReader(toSender.Content).PerMessage["Original-Envelope-Id"]);
        Assert.Empty(await _relay.QueueAsync());
    }

    [Fact]
    public async Task The_owner_hears_of_delays()
    {
        _relay.QueueOptions = new QueueOptions { DelayNoticeAfter = TimeSpan.FromHours(4) };
        bool away = true;
        _relay.Smarthost.OnRcpt = step => away && step.Line.Contains("ann@", StringComparison.Ordinal) ? "450 4.2.1 Mailbox busy" : "250 2.1.5 Ok";
        _relay.Rewrite.Aliases["team"] = "ann@example.org";
        _relay.Start();
        await _relay.AcceptAsync(Sender, "team");
        await _relay.PassAsync(TimeSpan.FromHours(5), TimeSpan.FromMinutes(10));
        away = false;
        await _relay.PassAsync(TimeSpan.FromHours(5), TimeSpan.FromMinutes(10));

        Assert.Equal("RCPT TO:<keeper@example.com>", Assert.Single(Assert.Single(Reports).RcptCommands));
    }

    [Fact]
    public async Task A_message_without_a_sender_stays_without_one()
    {
        _relay.Rewrite.Aliases["team"] = "ann@example.org";
        _relay.Start();
        await _relay.AcceptAsync("", "team");
        await _relay.QuietAsync();

        Assert.StartsWith("MAIL FROM:<>", Assert.Single(_relay.Smarthost.Mails).MailCommand, StringComparison.Ordinal);
    }

    private static Mailbox TestAddress(string address)
    {
        Assert.True(MailboxParser.TryParse(address, out Mailbox? mailbox));
        return mailbox!;
    }
}
