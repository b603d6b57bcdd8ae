using System.Net;
using RelayProxy.Delivery;
using RelayProxy.Delivery.Local;
using RelayProxy.Listener.Probes;
using RelayProxy.Queue;
using RelayProxy.Telemetry;
using RelayProxy.Upstream;

namespace RelayProxy;

/// <content>For those who watch: what metrics ask of the rooms, and what is answered over HTTP.</content>
internal sealed partial class Relay
{
    /// <summary>A store that is being mended answers nobody, nor does a token's file on a network that is away; metrics go without them then.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private MetricsBook? _book;
    private ProbeDoor? _probes;
    private OtlpExport? _export;

    /// <summary>Where metrics and probes are answered; empty if nowhere.</summary>
    public IReadOnlyList<EndPoint> ProbeEndpoints => _probes?.Endpoints ?? [];

    private void OpenTheBook()
    {
        TelemetryOptions options = _options().Telemetry;
        if (options.Endpoints.Count > 0)
        {
            _book = new MetricsBook(_metrics.Meter);
            BeginAtZero();
            _probes = new ProbeDoor(options, AnswerAsync, _clock, _loggers.CreateLogger("Listener"));
        }
    }

    /// <summary>Last, for OpenTelemetry's library takes its time.</summary>
    private void StartExport()
    {
        if (_options().Telemetry.WantsExport)
        {
            _export = new OtlpExport(_options().Telemetry, _clock, _loggers.CreateLogger("Relay"));
            BeginAtZero();
        }
    }

    private void BeginAtZero() => _metrics.Begin([SmarthostHost.Label(_options().Smarthost), LocalDelivery.Name, OutcomeLog.Nobody]);

    private async ValueTask CloseTheBookAsync()
    {
        if (_export is { } export)
        {
            await export.DisposeAsync();
        }

        if (_probes is { } probes)
        {
            await probes.DisposeAsync();
        }

        _book?.Dispose();
        _metrics.Dispose();
    }

    private async Task<ProbeAnswer?> AnswerAsync(string path, CancellationToken cancellationToken) => path switch
    {
        "/metrics" => new ProbeAnswer(200, _book!.Read(), PrometheusText.ContentType),
        "/livez" => Of(await _health.LiveAsync(cancellationToken)),
        "/readyz" => Of(await _health.ReadyAsync(cancellationToken)),
        _ => null,
    };

    private static ProbeAnswer Of(HealthReport report) => new(report.IsWell ? 200 : 503, $"{report}\n");

    private RelayReadings ReadingsOf(Func<(DateTimeOffset At, bool Succeeded)>? reloads) => new()
    {
        Queue = ReadQueue,
        Upstream = ReadUpstream,
        Token = ReadToken,
        Reload = () => reloads?.Invoke(),
        Disk = () => (_store.FreeOctets, _options().Queue.MinFreeOctets),
        Connections = () => _listener.Connections,
        HeartbeatAge = () => _delivery.Heartbeat.Age,
    };

    // Whoever looks at metrics has a thread for it, here and below.
    private QueueReading? ReadQueue()
    {
        using var bound = new CancellationTokenSource(s_patience);
        try
        {
            QueueTotals totals = _store.TotalsAsync(bound.Token).AsTask().GetAwaiter().GetResult();
            return new QueueReading(
                totals.Messages, totals.Octets, totals.Waiting, totals.InDelivery, totals.Held, totals.Parked, totals.OldestWaitingSince);
        }
        catch (Exception trouble) when (trouble is QueueUnavailableException or OperationCanceledException)
        {
            return null;
        }
    }

    private UpstreamReading ReadUpstream()
    {
        DeliverySnapshot delivery = _delivery.Snapshot;
        (int active, int idle) = _pool.Connections;
        return new UpstreamReading(
            SmarthostHost.Label(_options().Smarthost),
            active,
            idle,
            delivery.Trouble is { } reason ? Rest.Label(reason) : null,
            delivery.Trouble is { } trouble && Rest.NeedsAPerson(trouble),
            delivery.RestLeft,
            _pool.CertificateExpires);
    }

    private (string Smarthost, DateTimeOffset Expires)? ReadToken()
    {
        SmarthostOptions options = _options().Smarthost;
        using var bound = new CancellationTokenSource(s_patience);
        try
        {
            return SmarthostCredentials.ReadTokenExpiryAsync(options, bound.Token).AsTask().GetAwaiter().GetResult() is { } expires
                ? (SmarthostHost.Label(options), expires)
                : null;
        }
        catch (OperationCanceledException)
        {
            return null;
        }
    }
}
