using System.Diagnostics.Metrics;

namespace RelayProxy.Telemetry;

/// <summary>What the instruments of one meter have said since this was made. Made only if somebody may ask: while there is none, an instrument
/// that is told something passes it on to nobody.</summary>
internal sealed class MetricsBook : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<MetricFamily> _families = [];
    private readonly Lock _reading = new();

    public MetricsBook(Meter meter)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
            {
                var family = new MetricFamily(instrument);
                _families.Add(family);
                listener.EnableMeasurementEvents(instrument, family);
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, labels, family) => ((MetricFamily)family!).Take(value, labels));
        _listener.SetMeasurementEventCallback<double>(static (_, value, labels, family) => ((MetricFamily)family!).Take(value, labels));
        _listener.Start();
    }

    /// <summary>All metrics as they stand now, in the format of Prometheus. Asks what is not counted, which may wait for the disk.</summary>
    public string Read()
    {
        lock (_reading)
        {
            foreach (MetricFamily family in _families)
            {
                family.ForgetWhatIsAsked();
            }

            _listener.RecordObservableInstruments();
            return PrometheusText.Of(_families);
        }
    }

    public void Dispose() => _listener.Dispose();
}
