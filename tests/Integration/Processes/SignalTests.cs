using RelayProxy.Harness;

namespace RelayProxy.Integration.Processes;

/// <summary>What the service manager does to the relay.</summary>
public sealed class SignalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relayproxy-signal-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task S32_SIGTERM_sends_idle_sessions_away_lets_a_message_finish_and_exits_0()
    {
        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        await using RelayProcess relay = await RelayProcess.StartAsync(_folder, RelayProcess.SettingsFor(smarthost));
        await using RawClient idle = await RawClient.ConnectAsync(relay.EndPoint);
        await idle.CommandAsync("EHLO idle.example");
        await using RawClient busy = await RawClient.ConnectAsync(relay.EndPoint);
        await busy.CommandAsync("EHLO busy.example");
        await busy.CommandAsync("MAIL FROM:<app@example.org>");
        await busy.CommandAsync("RCPT TO:<box@example.net>");
        Assert.StartsWith("354", await busy.CommandAsync("DATA"));
        await busy.SendAsync("Subject: half\r\n\r\nhalf of it");

        relay.Signal(15);

        Assert.StartsWith("421 4.3.2", await idle.ReplyAsync());
        Assert.StartsWith("250 2.0.0", await busy.CommandAsync(" and the rest\r\n."));
        Assert.Equal(0, await relay.ExitedAsync());
        CapturedMail mail = await smarthost.NextMailAsync();
        Assert.EndsWith("half of it and the rest\r\n", mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task C48_SIGHUP_brings_a_new_password_into_use_without_a_restart()
    {
        string passwordFile = Path.Combine(_folder, "password");
        await File.WriteAllTextAsync(passwordFile, "wrong\n", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(passwordFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        string[] settings =
        [
            .. RelayProcess.SettingsFor(smarthost).Where(setting => !setting.StartsWith("Smarthost:Password=", StringComparison.Ordinal)),
            $"Smarthost:PasswordFile={passwordFile}",
        ];
        await using RelayProcess relay = await RelayProcess.StartAsync(Path.Combine(_folder, "queue"), settings);
        await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
        await client.CommandAsync("EHLO test.example");
        Assert.StartsWith("250", await client.MailAsync("app@example.org", ["box@example.net"], "Subject: x\r\n\r\nx"u8.ToArray()));
        await UntilDeferredAsync(Path.Combine(_folder, "queue"));

        await File.WriteAllTextAsync(passwordFile, smarthost.Password + "\n", TestContext.Current.CancellationToken);
        relay.Signal(1);

        CapturedMail mail = await smarthost.NextMailAsync();
        Assert.Equal("relay", mail.User);
        Assert.Single(smarthost.Mails);
    }

    /// <summary>Until the deferral is written down: an attempt that is under way when the signal comes still ends with the old password.</summary>
    private static async Task UntilDeferredAsync(string queue)
    {
        using var safety = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while ((await RelayProcess.RunAsync("queue", "list", "--deferred", "--json", $"--Queue:Path={queue}")).Output.Length == 0)
        {
            safety.Token.ThrowIfCancellationRequested();
        }
    }
}
