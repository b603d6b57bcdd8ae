using RelayProxy.Delivery;
using RelayProxy.Delivery.Local;
using RelayProxy.Intake;
using RelayProxy.Listener;
using RelayProxy.Queue;
using RelayProxy.Rewrite;
using RelayProxy.Session;
using RelayProxy.Submission;
using RelayProxy.Telemetry;
using RelayProxy.Upstream;

namespace RelayProxy.Configuration;

/// <summary>
/// Every setting of the relay: one snapshot, as the sources were when it was read. A reload makes a new one, so rooms ask for
/// the current one each time they need it. The same settings, with unit and reason, are in <c>config/relayproxy.json</c>.
/// </summary>
internal sealed class RelayOptions
{
    public ListenerOptions Listener { get; set; } = new();

    /// <summary>What bounds a conversation: of the section <c>Listener</c>, for an operator makes no difference there.</summary>
    public SessionOptions Session { get; set; } = new();

    public SendmailOptions Sendmail { get; set; } = new();

    public IntakeOptions Intake { get; set; } = new();

    public RewriteOptions Rewrite { get; set; } = new();

    public QueueOptions Queue { get; set; } = new();

    public SmarthostOptions Smarthost { get; set; } = new();

    public DeliveryOptions Delivery { get; set; } = new();

    public LocalOptions Local { get; set; } = new();

    public LoggingOptions Logging { get; set; } = new();

    public TelemetryOptions Telemetry { get; set; } = new();

    /// <summary>After SIGTERM: how long it may take in all until messages on their way in and out have finished, and all that waits has been tried once
    /// more. Nothing is begun in its last five seconds. A supervisor has to be more patient than this (Docker's 10 s are not enough).</summary>
    public TimeSpan ShutdownGrace { get; set; } = TimeSpan.FromSeconds(30);
}
