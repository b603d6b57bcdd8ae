using RelayProxy.Harness;
using RelayProxy.Queue;
using RelayProxy.Telemetry;

namespace RelayProxy.Integration.Delivery;

/// <summary>What the relay says of itself to those who ask, over HTTP and at its own door.</summary>
public sealed class WatchedJourneys : IAsyncDisposable
{
    private const string Well = "listener: ok\ndelivery: ok\nqueue: ok\ndisk: ok\nsmarthost: ok\n";

    private MemoryQueueStore _store = null!;
    private RelayUnderTest _relay = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _relay.DisposeAsync();

    [Fact]
    public async Task A_relay_that_is_well_is_alive_and_ready()
    {
        await StartAsync();

        Assert.Equal((200, "listener: ok\ndelivery: ok\n"), await HttpQuestion.GetAsync(_relay.ProbeEndpoint, "/livez"));
        Assert.Equal((200, Well), await HttpQuestion.GetAsync(_relay.ProbeEndpoint, "/readyz"));
        Assert.Equal(
            "211-2.0.0 delivery: ok\n211-2.0.0 queue: ok\n211-2.0.0 disk: ok\n211 2.0.0 smarthost: ok", await AskAtTheDoorAsync());
    }

    [Fact]
    public async Task A_queue_that_does_not_commit_is_alive_and_not_ready()
    {
        await StartAsync();
        _store.CommitsAs = CommitStatus.Failed;

        await IsNotReadyAsync("queue: The test says so.");
    }

    [Fact]
    public async Task A_queue_that_takes_too_long_to_commit_is_not_ready()
    {
        var stuck = new TaskCompletionSource();
        await StartAsync();
        _store.OnProbe = () => stuck.Task;
        Task<(int Status, string Body)> asked = HttpQuestion.GetAsync(_relay.ProbeEndpoint, "/readyz");
        await _relay.Clock.WaitsForAsync(TimeSpan.FromSeconds(8));
        _relay.Clock.Advance(TimeSpan.FromSeconds(8));

        Assert.Equal((503, Well.Replace("queue: ok", "queue: a commit takes longer than 8 s", StringComparison.Ordinal)), await asked);
        stuck.SetResult();
    }

    [Fact]
    public async Task However_many_ask_one_commit_a_second_answers_them()
    {
        int probes = 0;
        await StartAsync();
        _store.OnProbe = () =>
        {
            probes++;
            return Task.CompletedTask;
        };
        for (int i = 0; i < 10; i++)
        {
            await HttpQuestion.GetAsync(_relay.ProbeEndpoint, "/readyz");
        }

        Assert.Equal(1, probes);
        _relay.Clock.Advance(TimeSpan.FromSeconds(1));
        await HttpQuestion.GetAsync(_relay.ProbeEndpoint, "/readyz");
        Assert.Equal(2, probes);
    }

    [Fact]
    public async Task A_disk_below_its_floor_is_alive_and_not_ready()
    {
        await StartAsync("Queue:MinFreeOctets=1MiB");
        _store.FreeOctets = 1000;

        await IsNotReadyAsync("disk: 1000 octets are free, fewer than Queue:MinFreeOctets (1MiB)");
    }

    [Fact]
    public async Task A_delivery_loop_that_hangs_is_not_alive()
    {
        var reached = new TaskCompletionSource();
        var stuck = new TaskCompletionSource();
        await StartAsync();
        _store.OnNextDue = () =>
        {
            reached.TrySetResult();
            return stuck.Task;
        };
        _ = _relay.SettleAsync(Token);
        await reached.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        _relay.Clock.Advance(Heartbeat.Patience + TimeSpan.FromSeconds(1));

        Assert.Equal((503, "listener: ok\ndelivery: its loop has not come round for 61 s\n"), await HttpQuestion.GetAsync(_relay.ProbeEndpoint, "/livez"));
        stuck.SetResult();
    }

    [Theory]
    [InlineData("false", 200)]
    [InlineData("true", 503)]
    public async Task A_smarthost_that_is_away_is_told_and_counts_only_if_asked_for(string needs, int status)
    {
        await StartAsync($"Telemetry:ReadyNeedsSmarthost={needs}");
        _relay.Smarthost.IsAway = true;
        await using (RawClient client = await RawClient.ConnectAsync(_relay.Endpoint))
        {
            await client.CommandAsync("EHLO test.example");
            Assert.StartsWith("250", await client.MailAsync("app@example.org", ["box@example.net"], "Subject: x\r\n\r\nx"u8.ToArray()));
        }

        await _relay.SettleAsync(Token);

        (int ready, string body) = await HttpQuestion.GetAsync(_relay.ProbeEndpoint, "/readyz");
        Assert.Equal((status, Well.Replace("smarthost: ok", "smarthost: it cannot be reached, or is going away", StringComparison.Ordinal)), (ready, body));
        Assert.Equal(200, (await HttpQuestion.GetAsync(_relay.ProbeEndpoint, "/livez")).Status);
        Assert.StartsWith(status == 200 ? "211-" : "451-", await AskAtTheDoorAsync(), StringComparison.Ordinal);
        string[] metrics = (await HttpQuestion.GetAsync(_relay.ProbeEndpoint, "/metrics")).Body.Split('\n');
        Assert.Contains("relayproxy_upstream_up{smarthost=\"smarthost.test:25\"} 0", metrics);
        Assert.Contains("relayproxy_account_held{smarthost=\"smarthost.test:25\"} 0", metrics);
        Assert.Contains("relayproxy_messages_received_total 1", metrics);
        Assert.Contains("relayproxy_queue_recipients{state=\"waiting\"} 1", metrics);
        Assert.Contains("relayproxy_delivery_attempts_total{smarthost=\"smarthost.test:25\",result=\"deferred\"} 1", metrics);
    }

    [Fact]
    public async Task Without_an_endpoint_nobody_listens()
    {
        _relay = await RelayUnderTest.StartAsync([]);
        Assert.Throws<ArgumentOutOfRangeException>(() => _relay.ProbeEndpoint);
    }

    private async Task StartAsync(params string[] settings) => _relay = await RelayUnderTest.StartAsync(
        [.. settings.Append("Telemetry:Endpoints=127.0.0.1:0").Select(setting => setting.Split('=')).Select(parts => KeyValuePair.Create(parts[0], (string?)parts[1]))],
        clock => _store = new MemoryQueueStore(clock));

    private async Task IsNotReadyAsync(string trouble)
    {
        string part = trouble.Split(':')[0];
        Assert.Equal((503, Well.Replace($"{part}: ok", trouble, StringComparison.Ordinal)), await HttpQuestion.GetAsync(_relay.ProbeEndpoint, "/readyz"));
        Assert.Equal(200, (await HttpQuestion.GetAsync(_relay.ProbeEndpoint, "/livez")).Status);
        Assert.Contains(trouble, await AskAtTheDoorAsync(), StringComparison.Ordinal);
    }

    private async Task<string> AskAtTheDoorAsync()
    {
        await using RawClient client = await RawClient.ConnectAsync(_relay.Endpoint);
        return await client.CommandAsync("help health");
    }
}
