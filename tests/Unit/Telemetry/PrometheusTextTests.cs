using System.Diagnostics.Metrics;
using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Telemetry;

public sealed class PrometheusTextTests : IDisposable
{
    private readonly Meter _meter = new("test");

    public void Dispose() => _meter.Dispose();

    [Theory]
    [InlineData("a.b", "s", "a_b_seconds_total")]
    [InlineData("a.b", "By", "a_b_bytes_total")]
    [InlineData("a.b_c", "{message}", "a_b_c_total")]
    [InlineData("a.b", null, "a_b_total")]
    public void A_counters_name_has_its_unit_and_total(string name, string? unit, string expected)
    {
        Counter<long> counter = _meter.CreateCounter<long>(name, unit, "Some.");
        using var book = new MetricsBook(_meter);
        counter.Add(2);

        Assert.Equal($"# HELP {expected} Some.\n# TYPE {expected} counter\n{expected} 2\n", book.Read());
    }

    [Fact]
    public void What_would_end_a_label_or_a_line_is_escaped()
    {
        Counter<long> counter = _meter.CreateCounter<long>("a", null, "back\\slash\nline");
        using var book = new MetricsBook(_meter);
        counter.Add(1, new KeyValuePair<string, object?>("l", "a\"b\\c\nd"));

        Assert.Equal("# HELP a_total back\\\\slash\\nline\n# TYPE a_total counter\na_total{l=\"a\\\"b\\\\c\\nd\"} 1\n", book.Read());
    }

    [Fact]
    public void A_histograms_bucket_holds_those_before_it()
    {
        Histogram<double> histogram = _meter.CreateHistogram(
            "h", "s", "Some.", tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        using var book = new MetricsBook(_meter);
        foreach (double value in new[] { 0.05, 0.1, 0.5, 7 })
        {
            histogram.Record(value);
        }

        Assert.Equal(
            "# HELP h_seconds Some.\n# TYPE h_seconds histogram\n"
            + "h_seconds_bucket{le=\"0.1\"} 2\nh_seconds_bucket{le=\"1\"} 3\nh_seconds_bucket{le=\"+Inf\"} 4\nh_seconds_sum 7.65\nh_seconds_count 4\n",
            book.Read());
    }
}
