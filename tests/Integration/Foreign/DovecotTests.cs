using System.Text;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Foreign;

/// <summary>Local mail that is Dovecot's to keep, by LMTP.</summary>
public sealed class DovecotTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeSmarthost _smarthost = new();
    private DovecotServer? _dovecot;

    public async ValueTask InitializeAsync() => _dovecot = await DovecotServer.StartAsync();

    [Theory]
    [InlineData("unix socket")]
    [InlineData("port")]
    public async Task Dovecot_keeps_what_was_sent(string door)
    {
        await using RelayProcess relay = await MailForAnna.StartRelayAsync(
            _folder, _smarthost, "Local:Delivery=Lmtp", $"Local:Lmtp={(door == "port" ? $"127.0.0.1:{_dovecot!.Port}" : _dovecot!.Socket)}");
        await MailForAnna.SendAsync(relay, _folder);

        MailForAnna.AssertArrived(
            _dovecot.Mail(), $"Return-Path: <{MailForAnna.Sender}>", "Delivered-To: anna+", "Received: from relay.test", "Received: from ");
        Assert.Empty(_smarthost.Mails);
    }

    [Fact]
    public async Task Whom_Dovecot_does_not_know_comes_back_with_its_words_and_the_others_get_theirs()
    {
        await using RelayProcess relay = await MailForAnna.StartRelayAsync(
            _folder, _smarthost, "Local:Delivery=Lmtp", $"Local:Lmtp={_dovecot!.Socket}");

        await Programs.RunAsync(
            "swaks", "--server", $"127.0.0.1:{relay.EndPoint.Port}", "--from", MailForAnna.Sender, "--to", "ghost@localhost,anna+both@localhost", "--suppress-data");
        CapturedMail bounce = await _smarthost.NextMailAsync();

        Assert.Equal(("", MailForAnna.Sender), (bounce.Sender, Assert.Single(bounce.Recipients)));
        Assert.Contains("Final-Recipient: rfc822; ghost@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n", bounce.Text, StringComparison.Ordinal);
        Assert.Contains("\r\n    550 5.1.1 <ghost@example.org> User doesn't exist: ghost@example.org\r\n", bounce.Text, StringComparison.Ordinal);
        Assert.Contains(" status=delivered ", await relay.WaitForLineAsync("to=<anna+both@example.org>"), StringComparison.Ordinal);
        Assert.Contains("\nDelivered-To: anna+both@example.org\n", Encoding.UTF8.GetString(Assert.Single(_dovecot.Mail())), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await (_dovecot?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _smarthost.DisposeAsync();
        _folder.Dispose();
    }
}
