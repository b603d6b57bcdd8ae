using RelayProxy.Harness;
using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Telemetry;

public sealed class RelayMetricsTests : IDisposable
{
    private readonly TestClock _clock = new();
    private readonly RelayMetrics _metrics;

    public RelayMetricsTests() => _metrics = new RelayMetrics(
        new RelayReadings
        {
            Queue = () => new QueueReading(7, 4096, 3, 2, 1, 4, _clock.GetUtcNow() - TimeSpan.FromMinutes(20)),
            Upstream = () => new UpstreamReading(
                "smtp.example.net:465", 2, 1, "auth_refused", NeedsAPerson: true, TimeSpan.FromSeconds(90), new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)),
            Token = () => ("smtp.example.net:465", new DateTimeOffset(2026, 12, 31, 0, 0, 0, TimeSpan.Zero)),
            Reload = () => (_clock.GetUtcNow(), false),
            Disk = () => (5_000_000_000, 268_435_456),
            Connections = () => 5,
            HeartbeatAge = () => TimeSpan.FromSeconds(1.5),
        },
        _clock);

    public void Dispose() => _metrics.Dispose();

    [Fact]
    public void Every_instrument_by_the_name_that_Prometheus_knows()
    {
        using var book = new MetricsBook(_metrics.Meter);
        HappenOnce("smtp.example.net:465");

        string[] named = [.. book.Read().Split('\n').Where(line => line.StartsWith("# TYPE ", StringComparison.Ordinal)).Select(line => line["# TYPE ".Length..])];
        Assert.Equal(
            [
                "relayproxy_messages_received_total counter",
                "relayproxy_received_bytes_total counter",
                "relayproxy_rejected_total counter",
                "relayproxy_listener_connections gauge",
                "relayproxy_queue_messages gauge",
                "relayproxy_queue_recipients gauge",
                "relayproxy_queue_bytes gauge",
                "relayproxy_queue_oldest_message_age_seconds gauge",
                "relayproxy_commit_group_size histogram",
                "relayproxy_spool_free_bytes gauge",
                "relayproxy_spool_reserve_bytes gauge",
                "relayproxy_delivery_attempts_total counter",
                "relayproxy_smtp_replies_total counter",
                "relayproxy_in_doubt_total counter",
                "relayproxy_delivery_delay_seconds histogram",
                "relayproxy_delivery_heartbeat_age_seconds gauge",
                "relayproxy_upstream_connections gauge",
                "relayproxy_upstream_up gauge",
                "relayproxy_upstream_rest_seconds gauge",
                "relayproxy_account_held gauge",
                "relayproxy_upstream_certificate_expiry_timestamp_seconds gauge",
                "relayproxy_oauth_token_expiry_timestamp_seconds gauge",
                "relayproxy_secret_read_failures_total counter",
                "relayproxy_config_last_reload_success_timestamp_seconds gauge",
                "relayproxy_config_last_reload_successful gauge",
                "relayproxy_build_info gauge",
                "process_start_time_seconds gauge",
                "process_resident_memory_bytes gauge",
                "process_cpu_seconds_total counter",
            ],
            named);
    }

    [Theory]
    [InlineData("relayproxy_messages_received_total 1")]
    [InlineData("relayproxy_received_bytes_total 1234")]
    [InlineData("relayproxy_rejected_total{stage=\"rcpt\",code=\"5xx\"} 1")]
    [InlineData("relayproxy_delivery_attempts_total{smarthost=\"smtp.example.net:465\",result=\"delivered\"} 1")]
    [InlineData("relayproxy_smtp_replies_total{smarthost=\"smtp.example.net:465\",code=\"250\"} 1")]
    [InlineData("relayproxy_in_doubt_total 1")]
    [InlineData("relayproxy_delivery_delay_seconds_bucket{smarthost=\"smtp.example.net:465\",le=\"0.5\"} 0")]
    [InlineData("relayproxy_delivery_delay_seconds_bucket{smarthost=\"smtp.example.net:465\",le=\"1\"} 1")]
    [InlineData("relayproxy_delivery_delay_seconds_bucket{smarthost=\"smtp.example.net:465\",le=\"+Inf\"} 1")]
    [InlineData("relayproxy_delivery_delay_seconds_sum{smarthost=\"smtp.example.net:465\"} 0.75")]
    [InlineData("relayproxy_commit_group_size_bucket{le=\"2\"} 0")]
    [InlineData("relayproxy_commit_group_size_bucket{le=\"4\"} 1")]
    [InlineData("relayproxy_commit_group_size_count 1")]
    [InlineData("relayproxy_secret_read_failures_total{setting=\"Smarthost:PasswordFile\"} 1")]
    [InlineData("relayproxy_listener_connections 5")]
    [InlineData("relayproxy_queue_messages 7")]
    [InlineData("relayproxy_queue_recipients{state=\"in_delivery\"} 2")]
    [InlineData("relayproxy_queue_recipients{state=\"parked\"} 4")]
    [InlineData("relayproxy_queue_bytes 4096")]
    [InlineData("relayproxy_queue_oldest_message_age_seconds 1200")]
    [InlineData("relayproxy_spool_free_bytes 5000000000")]
    [InlineData("relayproxy_delivery_heartbeat_age_seconds 1.5")]
    [InlineData("relayproxy_upstream_connections{state=\"active\"} 2")]
    [InlineData("relayproxy_upstream_connections{state=\"idle\"} 1")]
    [InlineData("relayproxy_upstream_up{smarthost=\"smtp.example.net:465\"} 0")]
    [InlineData("relayproxy_upstream_rest_seconds{smarthost=\"smtp.example.net:465\"} 90")]
    [InlineData("relayproxy_account_held{smarthost=\"smtp.example.net:465\",reason=\"auth_refused\"} 1")]
    [InlineData("relayproxy_upstream_certificate_expiry_timestamp_seconds{smarthost=\"smtp.example.net:465\"} 1798761600")]
    [InlineData("relayproxy_oauth_token_expiry_timestamp_seconds{smarthost=\"smtp.example.net:465\"} 1798675200")]
    [InlineData("relayproxy_config_last_reload_successful 0")]
    [InlineData("relayproxy_build_info{version=\"0.1.0\"} 1")]
    public void What_happened_once_and_how_it_stands(string line)
    {
        using var book = new MetricsBook(_metrics.Meter);
        HappenOnce("smtp.example.net:465");

        Assert.Contains(line, book.Read().Split('\n'));
    }

    [Fact]
    public void Counts_go_on_and_what_is_asked_is_asked_anew()
    {
        using var book = new MetricsBook(_metrics.Meter);
        HappenOnce("a:1");
        book.Read();
        HappenOnce("a:1");
        _clock.Advance(TimeSpan.FromMinutes(5));

        string[] lines = book.Read().Split('\n');
        Assert.Contains("relayproxy_received_bytes_total 2468", lines);
        Assert.Contains("relayproxy_queue_messages 7", lines);
        Assert.Single(lines, line => line.StartsWith("relayproxy_account_held{", StringComparison.Ordinal));
    }

    [Fact]
    public void What_may_happen_begins_at_zero_so_that_the_first_time_is_an_increase()
    {
        using var book = new MetricsBook(_metrics.Meter);
        _metrics.Begin(["smtp.example.net:465", "local"]);

        string[] lines = book.Read().Split('\n');
        Assert.Contains("relayproxy_in_doubt_total 0", lines);
        Assert.Contains("relayproxy_rejected_total{stage=\"connect\",code=\"4xx\"} 0", lines);
        Assert.Contains("relayproxy_delivery_attempts_total{smarthost=\"local\",result=\"parked\"} 0", lines);
    }

    [Fact]
    public void What_cannot_be_told_is_left_out()
    {
        using var metrics = new RelayMetrics(new RelayReadings(), _clock);
        using var book = new MetricsBook(metrics.Meter);

        string text = book.Read();
        Assert.DoesNotContain("relayproxy_queue_messages", text, StringComparison.Ordinal);
        Assert.DoesNotContain("relayproxy_upstream_up", text, StringComparison.Ordinal);
        Assert.Contains("relayproxy_build_info", text, StringComparison.Ordinal);
    }

    [Fact]
    public void One_relays_metrics_are_not_anothers()
    {
        using var other = new RelayMetrics(new RelayReadings(), _clock);
        using var book = new MetricsBook(other.Meter);
        _metrics.Accepted(1);

        Assert.DoesNotContain("relayproxy_messages_received_total", book.Read(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Counting_allocates_nothing_whether_somebody_reads_or_not(bool isRead)
    {
        using MetricsBook? book = isRead ? new MetricsBook(_metrics.Meter) : null;
        HappenOnce("smtp.example.net:465");
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 1000; i++)
        {
            HappenOnce("smtp.example.net:465");
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private void HappenOnce(string smarthost)
    {
        _metrics.Accepted(1234);
        _metrics.Refused("rcpt", 550);
        _metrics.Attempted(smarthost, DeliveryResult.Delivered);
        _metrics.Replied(smarthost, 250);
        _metrics.Delivered(smarthost, TimeSpan.FromSeconds(0.75));
        _metrics.InDoubt();
        _metrics.Committed(3);
        _metrics.SecretNotRead("Smarthost:PasswordFile");
    }
}
