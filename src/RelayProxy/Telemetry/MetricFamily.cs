using System.Diagnostics.Metrics;

namespace RelayProxy.Telemetry;

internal enum MetricKind
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>One instrument, and what it has said, by its labels.</summary>
internal sealed class MetricFamily
{
    private readonly Lock _gate = new();
    private readonly List<MetricSeries> _series = [];
    private readonly bool _isAsked;

    public MetricFamily(Instrument instrument)
    {
        Name = instrument.Name;
        Unit = instrument.Unit ?? "";
        Meaning = instrument.Description ?? "";
        _isAsked = instrument.IsObservable;
        (Kind, Bounds) = instrument switch
        {
            Histogram<double> histogram => (MetricKind.Histogram, histogram.Advice?.HistogramBucketBoundaries ?? []),
            Counter<long> or ObservableCounter<double> => (MetricKind.Counter, []),
            _ => (MetricKind.Gauge, []),
        };
    }

    public string Name { get; }

    public string Unit { get; }

    public string Meaning { get; }

    public MetricKind Kind { get; }

    /// <summary>The upper ends of a histogram's buckets, without the last, which has none.</summary>
    public IReadOnlyList<double> Bounds { get; }

    /// <summary>A copy of what there is.</summary>
    public IReadOnlyList<MetricSeries> Series
    {
        get
        {
            lock (_gate)
            {
                return _series.ConvertAll(series => series.Copy());
            }
        }
    }

    /// <summary>What an instrument answers when it is asked stands until it is asked again.</summary>
    public void ForgetWhatIsAsked()
    {
        lock (_gate)
        {
            if (_isAsked)
            {
                _series.Clear();
            }
        }
    }

    public void Take(double value, ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        lock (_gate)
        {
            MetricSeries series = Find(labels);
            if (Kind == MetricKind.Histogram)
            {
                series.Add(value, Bounds);
            }
            else if (_isAsked)
            {
                series.Value = value;
            }
            else
            {
                series.Value += value;
            }
        }
    }

    /// <summary>One after the other: there are a handful, and looking for one allocates nothing.</summary>
    private MetricSeries Find(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        foreach (MetricSeries known in _series)
        {
            if (known.Has(labels))
            {
                return known;
            }
        }

        var series = new MetricSeries(labels.ToArray(), Kind == MetricKind.Histogram ? Bounds.Count + 1 : 0);
        _series.Add(series);
        return series;
    }
}

/// <summary>The values that go with one set of labels.</summary>
internal sealed class MetricSeries(KeyValuePair<string, object?>[] labels, int buckets)
{
    private long[] _buckets = new long[buckets];

    public IReadOnlyList<KeyValuePair<string, object?>> Labels => labels;

    /// <summary>Of a histogram: the sum of what it was told.</summary>
    public double Value { get; set; }

    /// <summary>How many fell into each bucket, the last being that without an upper end.</summary>
    public IReadOnlyList<long> Buckets => _buckets;

    public MetricSeries Copy() => new(labels, 0) { Value = Value, _buckets = [.. _buckets] };

    public void Add(double value, IReadOnlyList<double> bounds)
    {
        int bucket = 0;
        while (bucket < bounds.Count && value > bounds[bucket])
        {
            bucket++;
        }

        _buckets[bucket]++;
        Value += value;
    }

    public bool Has(ReadOnlySpan<KeyValuePair<string, object?>> others)
    {
        if (others.Length != labels.Length)
        {
            return false;
        }

        for (int i = 0; i < labels.Length; i++)
        {
            if (labels[i].Key != others[i].Key || !Equals(labels[i].Value, others[i].Value))
            {
                return false;
            }
        }

        return true;
    }
}
