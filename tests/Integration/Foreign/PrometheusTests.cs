using System.Text.Json;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Foreign;

/// <summary>Prometheus' own tool reads what is made for Prometheus.</summary>
public sealed class PrometheusTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_finds_nothing_to_complain_of_in_the_metrics()
    {
        await Programs.RequireAsync("promtool");
        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        await using RelayProcess relay = await RelayProcess.StartAsync(
            _folder["queue"], [.. RelayProcess.SettingsFor(smarthost), "Telemetry:Endpoints=127.0.0.1:0"]);
        await using (RawClient client = await RawClient.ConnectAsync(relay.EndPoint))
        {
            await client.CommandAsync("EHLO test.example");
            Assert.StartsWith("250", await client.MailAsync("app@example.org", ["box@example.net"], "Subject: x\r\n\r\nx"u8.ToArray()));
        }

        await relay.WaitForLineAsync("status=delivered");
        string metrics = _folder.Write("metrics", (await HttpQuestion.GetAsync(await relay.ProbesAsync(), "/metrics")).Body);

        Assert.Contains("relayproxy_delivery_delay_seconds_count", await File.ReadAllTextAsync(metrics, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal("", await Programs.RunAsync("sh", "-c", "promtool check metrics < \"$1\"", "sh", metrics));
    }

    [Fact]
    public async Task The_alerts_fire_when_they_should_and_not_else()
    {
        await Programs.RequireAsync("promtool");
        await Programs.RunAsync("promtool", "check", "rules", Repository.Path("config", "prometheus-alerts.yml"));
        Assert.Contains(
            "SUCCESS",
            await Programs.RunAsync("promtool", "test", "rules", Repository.Path("tests", "Integration", "Foreign", "Prometheus", "alerts-test.yml")),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_understands_what_the_dashboard_asks()
    {
        await Programs.RequireAsync("promtool");
        using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.Path("config", "grafana-dashboard.json"), TestContext.Current.CancellationToken));
        string[] questions =
        [
            .. dashboard.RootElement.GetProperty("panels").EnumerateArray()
                .Where(panel => panel.TryGetProperty("targets", out _))
                .SelectMany(panel => panel.GetProperty("targets").EnumerateArray())
                .Select(target => target.GetProperty("expr").GetString()!.Replace("$__rate_interval", "5m", StringComparison.Ordinal)),
        ];
        Assert.True(questions.Length > 20, $"{questions.Length}");

        // As rules that record something, for that is what the tool reads.
        IEnumerable<string> rules = questions.Select((question, i) => $"      - record: panel:{i}\n        expr: '{question.Replace("'", "''", StringComparison.Ordinal)}'\n");
        string file = _folder.Write("rules.yml", "groups:\n  - name: dashboard\n    rules:\n" + string.Concat(rules));
        Assert.Contains($"{questions.Length} rules found", await Programs.RunAsync("promtool", "check", "rules", file), StringComparison.Ordinal);
    }
}
