using Microsoft.Extensions.Logging;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Rewrite;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Intake;

/// <summary>
/// The customs hall: all mail passes here, whoever brought it. Opens a transaction for each message; nothing else puts mail into
/// the queue.
/// </summary>
internal sealed class IntakeDesk(
    IQueueStore store,
    IHandOver handOver,
    Rewriter rewriter,
    Func<IntakeOptions> options,
    Func<QueueOptions> queueOptions,
    RelayMetrics metrics,
    TimeProvider clock,
    ILogger logger)
{
    /// <summary>Our own name: as set, else this host's.</summary>
    public string HostName => options().HostName is { Length: > 0 } name ? name : HostIdentity.FullyQualifiedName;

    public IQueueStore Store => store;

    public IHandOver HandOver => handOver;

    public Rewriter Rewriter => rewriter;

    public IntakeOptions Options => options();

    public QueueOptions QueueOptions => queueOptions();

    public RelayMetrics Metrics => metrics;

    public TimeProvider Clock => clock;

    public ILogger Logger => logger;

    /// <summary>Why no mail can be taken just now (452 4.3.1 disk short, 451 4.3.0 store suspect); <c>null</c> if it can.</summary>
    public SmtpReply? Closed() => store.Health switch
    {
        StoreHealth.Ready => null,
        StoreHealth.Full => IntakeReplies.DiskFull,
        StoreHealth.Suspect => IntakeReplies.StoreFailed,
    };

    /// <summary>A message begins. Its recipients come next, then its content.</summary>
    /// <param name="id"><c>null</c> for a new one.</param>
    public IntakeTransaction Begin(MessageOrigin origin, Envelope envelope, QueueId? id = null) =>
        new(this, origin, envelope, id);
}
