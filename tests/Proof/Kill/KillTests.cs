using RelayProxy.Harness;

namespace RelayProxy.Proof.Kill;

/// <summary>The relay as a process, killed without warning: what it answered 250 to arrives all the same.</summary>
public sealed class KillTests : IDisposable
{
    private readonly string _queue = Directory.CreateTempSubdirectory("relayproxy-kill-").FullName;

    public void Dispose() => Directory.Delete(_queue, recursive: true);

    /// <summary>Accepting, delivering, bouncing, putting off, rereading its settings, bringing an old queue up to date, and with an operator beside
    /// it; some lives end before the relay is ready. Every message is accounted for when a queue has seen so many lives.</summary>
    [Fact]
    public async Task Killed_at_any_moment_whatever_it_does_it_loses_nothing_it_accepted()
    {
        const int workers = 2;
        int cycles = Extent.Of(10, 10_000), livesOfAQueue = Extent.Of(5, 25);
        var run = new KillRun(cycles, livesOfAQueue, Extent.Full ? await KillRun.PublishAsync() : null);
        await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(run.WorkAsync)));

        run.Note();
        Assert.True(run.Total.Faults.Count == 0, string.Join("\n\n", run.Total.Faults.Take(10)));
        Assert.True(run.Total.Accepted > cycles);
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
