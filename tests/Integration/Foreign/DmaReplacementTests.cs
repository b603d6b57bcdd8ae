using RelayProxy.Harness;

namespace RelayProxy.Integration.Foreign;

/// <summary>
/// dma's place, taken with dma's own files as the how-tos have them and nothing else changed: mail(1) calls a sendmail, which here is msmtp with
/// the relay as its host, and what was promised of each address comes true.
/// </summary>
public sealed class DmaReplacementTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeSmarthost _smarthost = new() { Username = "your_login", Password = "your_password" };
    private RelayProcess? _relay;

    public async ValueTask InitializeAsync()
    {
        await Programs.RequireAsync("bsd-mailx", "msmtp");
        _smarthost.Listen();
        Directory.CreateDirectory(_folder["mail"]);
        string auth = Write("auth.conf", text => text.Replace("your.isp.net", "localhost", StringComparison.Ordinal));
        string aliases = Write("aliases", text => text);
        string conf = Write("dma.conf", text => text
            .Replace("your.isp.net", "localhost", StringComparison.Ordinal)
            .Replace("PORT 465", $"PORT {_smarthost.Port}", StringComparison.Ordinal)
            .Replace("/etc/dma/auth.conf", auth, StringComparison.Ordinal)
            .Replace("/etc/aliases", aliases, StringComparison.Ordinal));
        _relay = await RelayProcess.StartAsync(
            _folder["queue"], $"dma={conf}", $"Smarthost:CaFile={TestCertificates.AuthorityFile}", "Rewrite:Origin=hamlet.example", "Intake:HostName=hamlet.example",
            "Local:Users=dusko", $"Local:MboxFolder={_folder["mail"]}");

        _folder.Write("msmtprc", $"account default\nhost 127.0.0.1\nport {_relay.EndPoint.Port}\nfrom dusko@hamlet.example\n");
        string sendmail = _folder.Write(
            "sendmail", $"#!/bin/sh\nexec msmtp --file={_folder["msmtprc"]} \"$@\"\n", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _folder.Write("mailrc", $"set sendmail={sendmail}\n");
    }

    public async ValueTask DisposeAsync()
    {
        await (_relay?.DisposeAsync() ?? ValueTask.CompletedTask);
        await _smarthost.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Mail_to_a_user_of_this_machine_stays_on_it()
    {
        await MailAsync("Test 1", "dusko");
        await _relay!.WaitForLineAsync("status=delivered");

        string mbox = await File.ReadAllTextAsync(_folder["mail/dusko"], TestContext.Current.CancellationToken);
        Assert.StartsWith("From dusko@domain.to.masquerade_as ", mbox, StringComparison.Ordinal);
        Assert.Contains("\nSubject: Test 1\n", mbox, StringComparison.Ordinal);
        Assert.Contains("\n\nAll is well.\n", mbox, StringComparison.Ordinal);
        Assert.Empty(_smarthost.Mails);
    }

    [Fact]
    public async Task Mail_to_somebody_elsewhere_goes_through_the_smarthost_with_the_masqueraded_sender()
    {
        await MailAsync("Test 2", "dusko@example.com");

        CapturedMail mail = await _smarthost.NextMailAsync();
        Assert.Equal(("dusko@domain.to.masquerade_as", "your_login"), (mail.Sender, mail.User));
        Assert.Equal(["dusko@example.com"], mail.Recipients);
        Assert.Contains("\nSubject: Test 2\r\n", mail.Text, StringComparison.Ordinal);
        Assert.Contains("dusko@domain.to.masquerade_as", Field(mail, "From"), StringComparison.Ordinal);
        Assert.Empty(_smarthost.Violations);
    }

    [Theory]
    [InlineData("root")]
    [InlineData("ROOT@localhost")]
    [InlineData("postmaster@hamlet.example")]
    public async Task Mail_to_a_name_that_has_an_alias_goes_to_whom_the_alias_names(string name)
    {
        await MailAsync("Cron", name);

        Assert.Equal(["dusko@example.com"], (await _smarthost.NextMailAsync()).Recipients);
    }

    private async Task MailAsync(string subject, string recipient)
    {
        _folder.Write("body", "All is well.\n");
        (int status, string output) = await ChildProcess.RunAsync(
            "sh",
            ["-c", $"exec bsd-mailx -s '{subject}' {recipient} < {_folder["body"]}"],
            new Dictionary<string, string> { ["MAILRC"] = _folder["mailrc"] });
        Assert.True(status == 0, output);
    }

    /// <summary>An example's file, changed, with the mode that dma's package gives it.</summary>
    private string Write(string name, Func<string, string> change) => _folder.Write(
        name,
        change(File.ReadAllText(Repository.Path("config", "examples", "dma-replacement", name))),
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

    private static string Field(CapturedMail mail, string name) =>
        mail.Text.Split("\r\n").First(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase));
}
