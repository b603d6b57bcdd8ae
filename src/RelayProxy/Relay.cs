using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Configuration;
using RelayProxy.Delivery;
using RelayProxy.Delivery.Local;
using RelayProxy.Intake;
using RelayProxy.Listener;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;
using RelayProxy.Rewrite;
using RelayProxy.Telemetry;
using RelayProxy.Upstream;

namespace RelayProxy;

/// <summary>
/// The composition: every room, wired in the order in which mail flows. Nothing is looked up and nothing is scanned for; what is
/// not here is not in the relay.
/// </summary>
internal sealed partial class Relay : IAsyncDisposable
{
    private readonly SmtpListener _listener;
    private readonly IQueueStore _store;
    private readonly SmarthostPool _pool;
    private readonly DeliveryService _delivery;
    private readonly RelayMetrics _metrics;
    private readonly RelayHealth _health;
    private readonly Func<RelayOptions> _options;
    private readonly TimeProvider _clock;
    private readonly ILoggerFactory _loggers;
    private bool _stopped;

    /// <param name="options">The current settings; asked each time, so that a reload takes effect.</param>
    /// <param name="parts">What a test puts in place of the real thing.</param>
    /// <param name="reloads">What came of reading the settings last.</param>
    public Relay(
        Func<RelayOptions> options, TimeProvider clock, ILoggerFactory loggers, RelayParts? parts = null, Func<(DateTimeOffset At, bool Succeeded)>? reloads = null)
    {
        (_options, _clock, _loggers) = (options, clock, loggers);
        _metrics = new RelayMetrics(ReadingsOf(reloads), clock);

        // Where mail waits, and the short cut past it: what was just committed is delivered from memory.
        _store = parts?.Store ?? new SqliteQueueStore(() => options().Queue, clock, loggers.CreateLogger("Queue"), _metrics);
        var handOver = new HandOver(() => options().Delivery);

        // In: the door, the conversation, names, the customs hall.
        var users = new SystemUsers(() => options().Local);
        var rewriter = new Rewriter(
            () => options().Rewrite, () => options().Delivery.PostmasterAddress, () => Intake!.HostName, users, clock, loggers.CreateLogger("Rewrite"));
        Intake = new IntakeDesk(
            _store, handOver, rewriter, () => options().Intake, () => options().Queue, _metrics, clock, loggers.CreateLogger("Intake"));
        _listener = new SmtpListener(
            () => options().Listener, () => options().Session, Intake, clock, loggers, health: cancellationToken => _health!.InsideAsync(cancellationToken));

        // Out: the clock, and the far side. The relay never dials itself.
        IDialer dialer = parts?.Dialer ?? new TcpDialer(clock, () => [.. _listener.Endpoints.OfType<IPEndPoint>()]);
        _pool = new SmarthostPool(() => options().Smarthost, dialer, clock, loggers.CreateLogger("Upstream"), _metrics);
        var local = new LocalDelivery(
            () => options().Local, () => AliasRights.Of(options().Rewrite), () => options().Smarthost, users, () => Intake.HostName, clock, loggers.CreateLogger("Delivery"));
        _delivery = new DeliveryService(
            _store, _pool, Intake, handOver, local, () => options().Delivery, () => options().Queue, () => options().Smarthost, _metrics, clock, loggers.CreateLogger("Delivery"));

        // Beside it: whoever wants to know how it goes.
        _health = new RelayHealth(_listener, _store, _delivery, options, clock);
        OpenTheBook();
    }

    /// <summary>The way in alone, wired as it is in the relay: for mail that a command brings, beside a relay that runs or without one.</summary>
    /// <param name="store">Open.</param>
    public static IntakeDesk IntakeOf(IQueueStore store, RelayOptions options, TimeProvider clock) =>
        new Relay(() => options, clock, NullLoggerFactory.Instance, new RelayParts(store)).Intake;

    public SmtpListener Listener => _listener;

    public IntakeDesk Intake { get; }

    public IQueueStore Store => _store;

    public DeliveryService Delivery => _delivery;

    /// <summary>The endpoints that are bound, with the ports that the system chose.</summary>
    public IReadOnlyList<EndPoint> Endpoints => _listener.Endpoints;

    /// <summary>For a watchdog (<see cref="RelayHealth.IsAlive"/>).</summary>
    public bool IsAlive => _health.IsAlive;

    /// <summary>Opens the queue, binds every endpoint, starts delivery: in this order, so that nothing is accepted that could not be kept, and
    /// the first client does not wait for delivery to look at the queue. Dispose it if it fails.</summary>
    /// <exception cref="QueueUnavailableException">The queue cannot be opened.</exception>
    /// <exception cref="ListenerBindException">An endpoint cannot be bound.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _store.OpenAsync(StoreAccess.Daemon, cancellationToken);
        _probes?.Open();
        await _listener.StartAsync(cancellationToken);
        _delivery.Start();
        StartExport();
    }

    /// <summary>Settings have changed, or an operator asks: what waits is looked at again, now.</summary>
    public void Reload() => _delivery.Flush();

    /// <summary>Takes no more mail, lets what is under way finish, tries once all that waits, and closes the queue, all of it within the grace.
    /// What is left stays there.</summary>
    /// <returns>What is left; <c>null</c> if the queue cannot tell, or was closed before.</returns>
    public async Task<QueueTotals?> StopAsync(TimeSpan grace)
    {
        if (_stopped)
        {
            return null;
        }

        _stopped = true;
        _health.Stopping();
        long began = _clock.GetTimestamp();
        await _listener.StopAsync(DeliveryService.ToBegin(grace));
        TimeSpan left = grace - _clock.GetElapsedTime(began);
        await _delivery.StopAsync(tryOnce: true, left > TimeSpan.Zero ? left : TimeSpan.Zero);
        await _pool.DisposeAsync();
        QueueTotals? totals = await TotalsAsync();
        await CloseTheBookAsync();
        await _store.DisposeAsync();
        return totals;
    }

    public async ValueTask DisposeAsync() => await StopAsync(TimeSpan.Zero);

    private async Task<QueueTotals?> TotalsAsync()
    {
        try
        {
            return await _store.TotalsAsync(CancellationToken.None);
        }
        catch (Exception)
        {
            // Whatever is the matter with it, and if it was never opened: it has to be closed.
            return null;
        }
    }
}

/// <summary>Parts that a test replaces; what is <c>null</c> stays as it is.</summary>
internal sealed record RelayParts(IQueueStore? Store = null, IDialer? Dialer = null);
