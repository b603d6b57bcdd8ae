using System.Text.RegularExpressions;
using RelayProxy.Harness;
using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Telemetry;

/// <summary>The files for Prometheus and Grafana ask for metrics that there are.</summary>
public sealed partial class WatchersFilesTests
{
    [Theory]
    [InlineData("prometheus-alerts.yml", 12)]
    [InlineData("grafana-dashboard.json", 17)]
    public void Every_metric_they_name_is_one_of_ours(string file, int least)
    {
        string[] named =
        [
            .. Name().Matches(File.ReadAllText(Repository.Path("config", file)))
                .Select(match => Suffix().Replace(match.Value, "")).Distinct(),
        ];

        Assert.True(named.Length >= least, $"only {named.Length}");
        Assert.Empty(named.Except(Ours()));
    }

    private static string[] Ours()
    {
        var clock = new TestClock();
        using var metrics = new RelayMetrics(
            new RelayReadings
            {
                Queue = () => new QueueReading(0, 0, 0, 0, 0, 0, null),
                Upstream = () => new UpstreamReading("a:1", 0, 0, null, NeedsAPerson: false, TimeSpan.Zero, clock.GetUtcNow()),
                Token = () => ("a:1", clock.GetUtcNow()),
                Reload = () => (clock.GetUtcNow(), true),
                Disk = () => (1, 0),
            },
            clock);
        using var book = new MetricsBook(metrics.Meter);
        metrics.Begin(["a:1"]);
        metrics.Delivered("a:1", TimeSpan.Zero);
        metrics.Replied("a:1", 250);
        metrics.Committed(1);
        metrics.SecretNotRead("Smarthost:PasswordFile");
        return [.. Type().Matches(book.Read()).Select(match => match.Groups[1].Value)];
    }

    [GeneratedRegex(@"\b(?:relayproxy|process)_[a-z_]+")]
    private static partial Regex Name();

    [GeneratedRegex("_(?:bucket|sum|count)$")]
    private static partial Regex Suffix();

    [GeneratedRegex("# TYPE (\\S+)")]
    private static partial Regex Type();
}
