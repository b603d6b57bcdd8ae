using RelayProxy.Harness;

namespace RelayProxy.Integration.Processes;

/// <summary>Metrics and traces on their way to a collector.</summary>
public sealed class OtlpTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeSmarthost _smarthost = new FakeSmarthost().Listen();
    private readonly FakeCollector _collector = new();

    public async ValueTask DisposeAsync()
    {
        await _smarthost.DisposeAsync();
        await _collector.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_collector_gets_the_metrics_and_the_spans_of_each_message_before_the_relay_ends()
    {
        await using RelayProcess relay = await StartAsync(_collector.Url);
        await using (RawClient client = await RawClient.ConnectAsync(relay.EndPoint))
        {
            await client.CommandAsync("EHLO test.example");
            Assert.StartsWith("250", await client.MailAsync(
                "app@example.org", ["box@example.net"], "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nSubject: x\r\n\r\nx"u8.ToArray()));
        }

        await _smarthost.NextMailAsync();
        relay.Signal(15);
        Assert.Equal(0, await relay.ExitedAsync());

        string metrics = string.Concat(_collector.Posts.Where(post => post.Path == "/v1/metrics").Select(post => post.Body));
        string traces = string.Concat(_collector.Posts.Where(post => post.Path == "/v1/traces").Select(post => post.Body));
        Assert.All(
            ["relayproxy.messages.received", "relayproxy.queue.oldest_message_age", "relayproxy.delivery.delay", "service.name"],
            name => Assert.Contains(name, metrics, StringComparison.Ordinal));
        Assert.All(
            ["accept message", "deliver message", "\u000a\u00f7\u0065\u0019\u0016\u00cd\u0043\u00dd\u0084\u0048\u00eb\u0021\u001c\u0080\u0031\u009c"],
            text => Assert.Contains(text, traces, StringComparison.Ordinal));
        Assert.DoesNotContain("example", metrics + traces, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_collector_that_is_away_is_told_of_and_costs_no_mail()
    {
        string url = _collector.Url;
        await _collector.DisposeAsync();
        await using RelayProcess relay = await StartAsync(url);
        await using (RawClient client = await RawClient.ConnectAsync(relay.EndPoint))
        {
            await client.CommandAsync("EHLO test.example");
            Assert.StartsWith("250", await client.MailAsync("app@example.org", ["box@example.net"], "Subject: x\r\n\r\nx"u8.ToArray()));
        }

        await _smarthost.NextMailAsync();
        Assert.Contains("/v1/", await relay.WaitForLineAsync("metrics or traces are not taken"), StringComparison.Ordinal);
        relay.Signal(15);
        Assert.Equal(0, await relay.ExitedAsync());
    }

    private Task<RelayProcess> StartAsync(string url) =>
        RelayProcess.StartAsync(_folder["queue"], [.. RelayProcess.SettingsFor(_smarthost), $"Telemetry:OtlpEndpoint={url}"]);
}
