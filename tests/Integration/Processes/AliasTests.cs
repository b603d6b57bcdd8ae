using RelayProxy.Harness;

namespace RelayProxy.Integration.Processes;

/// <summary>The aliases file is edited while the relay runs; nobody tells it.</summary>
public sealed class AliasTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("relayproxy-alias-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_that_is_replaced_counts_and_one_that_makes_no_sense_does_not()
    {
        string aliases = Path.Combine(_folder, "aliases");
        await File.WriteAllTextAsync(aliases, "root: old@example.net\n", TestContext.Current.CancellationToken);
        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        string[] settings =
        [
            .. RelayProcess.SettingsFor(smarthost).Where(setting => !setting.StartsWith("Rewrite:AliasFile=", StringComparison.Ordinal)),
            $"Rewrite:AliasFile={aliases}", "Listener:MaxErrors=1000000", "Listener:MaxCommands=10000000",
        ];
        await using RelayProcess relay = await RelayProcess.StartAsync(Path.Combine(_folder, "queue"), settings);
        await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
        await client.CommandAsync("EHLO test.example");
        Assert.StartsWith("550 5.1.1", await AskAsync(client, "joe"));

        string prepared = Path.Combine(_folder, "new");
        await File.WriteAllTextAsync(prepared, "root: new@example.net\njoe: root\n", TestContext.Current.CancellationToken);
        File.Move(prepared, aliases, overwrite: true);
        using (var safety = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
        {
            while (!(await AskAsync(client, "joe")).StartsWith("250", StringComparison.Ordinal))
            {
                safety.Token.ThrowIfCancellationRequested();
            }
        }

        await File.WriteAllTextAsync(prepared, "<html>not found</html>\n", TestContext.Current.CancellationToken);
        File.Move(prepared, aliases, overwrite: true);
        Task<string> told = relay.WaitForLineAsync("nothing in it can be understood; what was in it before stays in effect");
        while (!told.IsCompleted)
        {
            Assert.StartsWith("250", await AskAsync(client, "joe"));
        }

        await told;
        await client.CommandAsync("RSET");
        Assert.StartsWith("250", await client.MailAsync("app@example.org", ["joe"], "Subject: x\r\n\r\nx"u8.ToArray()));
        CapturedMail mail = await smarthost.NextMailAsync();
        Assert.StartsWith("RCPT TO:<new@example.net>", Assert.Single(mail.RcptCommands), StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(RawClient client, string recipient)
    {
        await client.CommandAsync("RSET");
        await client.CommandAsync("MAIL FROM:<app@example.org>");
        return await client.CommandAsync($"RCPT TO:<{recipient}>");
    }
}
