using System.Net;
using RelayProxy.Intake;
using RelayProxy.Listener;
using RelayProxy.Queue;
using RelayProxy.Rewrite;
using RelayProxy.Session;
using RelayProxy.Telemetry;

namespace RelayProxy.Harness;

/// <summary>The listener on real sockets, with a queue in memory behind it.</summary>
internal sealed class ListenerUnderTest : IAsyncDisposable
{
    private readonly SmtpListener _listener;

    public ListenerUnderTest(ListenerOptions options, InheritedSockets? inherited = null, SessionOptions? sessionOptions = null)
    {
        Store = new MemoryQueueStore(TimeProvider.System);
        var intakeOptions = new IntakeOptions { HostName = "relay.test" };
        var rewriter = new Rewriter(() => new RewriteOptions { Origin = "example.org", AliasFile = "" }, () => "", () => intakeOptions.HostName);
        var desk = new IntakeDesk(
            Store, new FakeHandOver(), rewriter, () => intakeOptions, () => new QueueOptions(), Metrics, TimeProvider.System, Logger);
        SessionOptions session = sessionOptions ?? new SessionOptions();
        _listener = new SmtpListener(() => options, () => session, desk, TimeProvider.System, Logger, inherited);
    }

    public MemoryQueueStore Store { get; }

    public RecordingLogger Logger { get; } = new();

    public RelayMetrics Metrics { get; } = new(new RelayReadings(), TimeProvider.System);

    /// <summary>Where it listens.</summary>
    public IReadOnlyList<EndPoint> Endpoints => _listener.Endpoints;

    public EndPoint Endpoint => _listener.Endpoints[0];

    /// <summary>How many clients are inside.</summary>
    public int Connections => _listener.Connections;

    /// <summary>Listens at one endpoint.</summary>
    public static async Task<ListenerUnderTest> StartAsync(string endpoint = "127.0.0.1:0")
    {
        var listener = new ListenerUnderTest(new ListenerOptions { Endpoints = [endpoint] });
        await listener.StartAsync();
        return listener;
    }

    public Task StartAsync() => _listener.StartAsync(CancellationToken.None);

    public Task StopAsync(TimeSpan grace) => _listener.StopAsync(grace);

    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync();
        Metrics.Dispose();
    }
}
