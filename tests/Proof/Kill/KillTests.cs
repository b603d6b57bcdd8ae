using RelayProxy.Harness;

namespace RelayProxy.Proof.Kill;

/// <summary>The relay as a process, killed without warning: what it answered 250 to arrives all the same.</summary>
public sealed class KillTests : IDisposable
{
    private readonly string _queue = Directory.CreateTempSubdirectory("relayproxy-kill-").FullName;

    public void Dispose() => Directory.Delete(_queue, recursive: true);

    [Fact]
    public async Task Killed_again_and_again_under_load_it_loses_nothing_it_accepted()
    {
        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        string[] settings = RelayProcess.SettingsFor(smarthost);
        var ledger = new Ledger();
        var random = new Random(20261122);

        for (int cycle = 0; cycle < 8; cycle++)
        {
            await using RelayProcess relay = await RelayProcess.StartAsync(_queue, settings);
            Task[] clients = [.. Enumerable.Range(0, 4).Select(client => SendUntilCutAsync(relay, ledger, client == 0 ? 400_000 : 3_000))];
            int target = ledger.Accepted + random.Next(5, 60);
            while (ledger.Accepted < target && !clients.All(client => client.IsCompleted))
            {
                await Task.Delay(1, TestContext.Current.CancellationToken);
            }

            relay.Signal(9);
            await relay.ExitedAsync();
            await Task.WhenAll(clients);
        }

        // One that lives, to bring what is left.
        await using (RelayProcess last = await RelayProcess.StartAsync(_queue, settings))
        {
            await EmptyAsync(last);
        }

        Assert.True(ledger.Accepted > 40);
        Assert.Empty(ledger.Missing(smarthost.Mails));
        Assert.Empty(Ledger.Torn(smarthost.Mails));
        Assert.Empty(smarthost.Violations);
    }

    [Fact]
    public async Task Killed_with_mail_in_every_state_it_finds_each_in_its_state()
    {
        await using FakeSmarthost smarthost = new FakeSmarthost
        {
            OnRcpt = step => step.Line.Contains("later@", StringComparison.Ordinal) ? "450 4.2.1 Later" : "250 2.1.5 OK",
        }.Listen();
        string[] settings = RelayProcess.SettingsFor(smarthost);
        var ledger = new Ledger();

        string heldId;
        await using (RelayProcess relay = await RelayProcess.StartAsync(_queue, settings))
        {
            await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
            await client.CommandAsync("EHLO test.example");
            (string delivered, byte[] first) = ledger.Write(2_000);
            Assert.StartsWith("250", await client.MailAsync("app@example.org", ["box@example.net"], first));
            ledger.Took(delivered);
            Assert.StartsWith("250", await client.MailAsync("app@example.org", ["later@example.net"], ledger.Write(2_000).Content));
            string reply = await client.MailAsync("app@example.org", ["later@example.net", "too.later@example.net"], ledger.Write(600_000).Content);
            heldId = reply.Split(' ')[^1].Trim();
            await smarthost.NextMailAsync();
            await UntilAsync(async () => (await ListAsync()).Split("450 4.2.1").Length > 2);
            (int exit, _, string error) = await RelayProcess.RunAsync("queue", "hold", heldId, $"--Queue:Path={_queue}");
            Assert.True(exit == 0, error);
            relay.Signal(9);
            await relay.ExitedAsync();
        }

        string afterwards = await ListAsync();
        Assert.Contains("later@example.net", afterwards, StringComparison.Ordinal);
        Assert.Contains("\"held\"", afterwards, StringComparison.OrdinalIgnoreCase);

        // It starts again; what was deferred goes out once the smarthost takes it, and what was held stays.
        smarthost.OnRcpt = null;
        await using RelayProcess again = await RelayProcess.StartAsync(_queue, settings);
        (int retried, _, string trouble) = await RelayProcess.RunAsync("queue", "retry", "--all", $"--Queue:Path={_queue}");
        Assert.True(retried == 0, trouble);
        await UntilAsync(() => Task.FromResult(smarthost.Mails.Any(mail => mail.Recipients.Contains("later@example.net"))));
        Assert.Contains("\"held\"", await ListAsync(), StringComparison.OrdinalIgnoreCase);

        (int released, _, string why) = await RelayProcess.RunAsync("queue", "release", heldId, $"--Queue:Path={_queue}");
        Assert.True(released == 0, why);
        await EmptyAsync(again);
        Assert.Empty(Ledger.Torn(smarthost.Mails));
    }

    private static async Task SendUntilCutAsync(RelayProcess relay, Ledger ledger, int octets)
    {
        try
        {
            await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
            await client.CommandAsync("EHLO test.example");
            for (int i = 0; i < 400; i++)
            {
                (string name, byte[] content) = ledger.Write(octets);
                string reply = await client.MailAsync("app@example.org", ["box@example.net"], content);
                if (!reply.StartsWith("250", StringComparison.Ordinal))
                {
                    return;
                }

                ledger.Took(name);
            }
        }
        catch (Exception fault) when (fault is IOException or System.Net.Sockets.SocketException)
        {
            // That was the kill.
        }
    }

    private async Task<string> ListAsync()
    {
        (int exit, string output, string error) = await RelayProcess.RunAsync("queue", "list", "--json", $"--Queue:Path={_queue}");
        Assert.True(exit == 0, error);
        return output;
    }

    private Task EmptyAsync(RelayProcess relay) => UntilAsync(
        async () => !(await ListAsync()).Contains("example.net", StringComparison.Ordinal), () => string.Join('\n', relay.Lines.TakeLast(30)));

    private static async Task UntilAsync(Func<Task<bool>> holds, Func<string>? otherwise = null)
    {
        using var safety = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await holds())
        {
            if (safety.IsCancellationRequested)
            {
                Assert.Fail("It did not come about within a minute. " + otherwise?.Invoke());
            }

            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
