using System.Globalization;
using System.Text;

namespace RelayProxy.Telemetry;

/// <summary>
/// Metrics as Prometheus reads them (text format 0.0.4). Names are made of ours as OpenTelemetry's translation does it, so that they are the same
/// whether they come from here or by way of a collector.
/// </summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    public static string Of(IEnumerable<MetricFamily> families)
    {
        var text = new StringBuilder();
        foreach (MetricFamily family in families)
        {
            IReadOnlyList<MetricSeries> series = family.Series;
            if (series.Count > 0)
            {
                string name = NameOf(family);
                text.Append("# HELP ").Append(name).Append(' ').Append(Escaped(family.Meaning, quotes: false)).Append('\n');
                text.Append("# TYPE ").Append(name).Append(' ').Append(Word(family.Kind)).Append('\n');
                foreach (MetricSeries one in series)
                {
                    Write(text, name, family, one);
                }
            }
        }

        return text.ToString();
    }

    /// <summary><c>relayproxy.received</c> in octets, a counter: <c>relayproxy_received_bytes_total</c>.</summary>
    private static string NameOf(MetricFamily family)
    {
        string unit = family.Unit switch
        {
            "s" => "_seconds",
            "By" => "_bytes",
            _ => "",
        };
        return family.Name.Replace('.', '_') + unit + (family.Kind == MetricKind.Counter ? "_total" : "");
    }

    private static string Word(MetricKind kind) => kind switch
    {
        MetricKind.Counter => "counter",
        MetricKind.Gauge => "gauge",
        MetricKind.Histogram => "histogram",
    };

    private static void Write(StringBuilder text, string name, MetricFamily family, MetricSeries series)
    {
        if (family.Kind != MetricKind.Histogram)
        {
            Line(name, null, series.Value);
            return;
        }

        // Each bucket holds those before it.
        long count = 0;
        for (int i = 0; i < series.Buckets.Count; i++)
        {
            count += series.Buckets[i];
            Line(name + "_bucket", i < family.Bounds.Count ? Number(family.Bounds[i]) : "+Inf", count);
        }

        Line(name + "_sum", null, series.Value);
        Line(name + "_count", null, count);

        void Line(string lineName, string? le, double value)
        {
            text.Append(lineName);
            char before = '{';
            foreach ((string key, object? label) in series.Labels)
            {
                text.Append(before).Append(key).Append("=\"").Append(Escaped(label?.ToString() ?? "", quotes: true)).Append('"');
                before = ',';
            }

            if (le is not null)
            {
                text.Append(before).Append("le=\"").Append(le).Append('"');
                before = ',';
            }

            text.Append(before == ',' ? "} " : " ").Append(Number(value)).Append('\n');
        }
    }

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Escaped(string text, bool quotes)
    {
        string escaped = text.Replace(@"\", @"\\", StringComparison.Ordinal).Replace("\n", @"\n", StringComparison.Ordinal);
        return quotes ? escaped.Replace("\"", "\\\"", StringComparison.Ordinal) : escaped;
    }
}
