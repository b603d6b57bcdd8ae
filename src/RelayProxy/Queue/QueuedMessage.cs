using RelayProxy.Mail;

namespace RelayProxy.Queue;

/// <summary>What becomes of one recipient. "In delivery" is no state of its own: it is <see cref="Waiting"/> in a message
/// that is leased.</summary>
internal enum RecipientState
{
    /// <summary>To be tried at <see cref="QueuedRecipient.NextAttempt"/>.</summary>
    Waiting = 0,

    /// <summary>Stays until an operator releases it.</summary>
    Held = 1,

    /// <summary>Cannot be delivered and must not be dropped (a bounce that bounced, a sender that the smarthost refuses).</summary>
    Parked = 2,

    /// <summary>A smarthost has taken it over.</summary>
    Delivered = 3,

    /// <summary>Given up; the sender was told unless it asked not to be.</summary>
    Bounced = 4,
}

/// <summary>One recipient of a queued message.</summary>
internal sealed record QueuedRecipient
{
    /// <summary>Its place in the message, from 0; its name in a <see cref="Settlement"/>.</summary>
    public required int Ordinal { get; init; }

    public required Recipient Recipient { get; init; }

    public RecipientState State { get; init; }

    /// <summary>Attempts that counted: trouble of the smarthost as a whole does not.</summary>
    public int Attempts { get; init; }

    public DateTimeOffset NextAttempt { get; init; }

    /// <summary>What was last said about it, as one line; <c>null</c> before the first attempt.</summary>
    public string? LastReply { get; init; }

    /// <summary>A connection was lost after the final dot: the smarthost may have it already.</summary>
    public bool MayHaveBeenDelivered { get; init; }
}

/// <summary>A message in the queue, without its octets.</summary>
internal sealed record QueuedMessage
{
    public required QueueId Id { get; init; }

    public required Envelope Envelope { get; init; }

    public ContentTraits Traits { get; init; }

    public required long Octets { get; init; }

    /// <summary>How many of the octets are the header section, the empty line included.</summary>
    public int HeaderOctets { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    /// <summary>Who brought it, for operators: <c>www-data (uid 33) 127.0.0.1</c>, <c>report</c>.</summary>
    public string Origin { get; init; } = "";

    /// <summary>The Message-ID, for logs; empty if there is none.</summary>
    public string MessageId { get; init; } = "";

    /// <summary>The span of its acceptance, as a value of <c>traceparent</c>, for the spans of its delivery; empty if nobody listened.</summary>
    public string TraceParent { get; init; } = "";

    /// <summary>When to give up.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When to tell the sender of the delay; <c>null</c> once told, or never.</summary>
    public DateTimeOffset? DelayNoticeAt { get; init; }

    /// <summary>Whether a lease was running when this was read.</summary>
    public bool InDelivery { get; init; }

    /// <summary>What is stored is not what was written, and the message is set aside. What could not be read is left empty:
    /// there may be no recipients. Only an operator's <see cref="QueueAction.Delete"/> changes it.</summary>
    public bool IsDamaged { get; init; }

    public required IReadOnlyList<QueuedRecipient> Recipients { get; init; }
}

/// <summary>Everything about a message that is to enter the queue, but its octets.</summary>
internal sealed record NewMessage
{
    public required Envelope Envelope { get; init; }

    /// <summary>At least one.</summary>
    public required IReadOnlyList<Recipient> Recipients { get; init; }

    public ContentTraits Traits { get; init; }

    public int HeaderOctets { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    public DateTimeOffset? DelayNoticeAt { get; init; }

    /// <summary>When to try first; <c>null</c>: at once.</summary>
    public DateTimeOffset? FirstAttempt { get; init; }

    public string Origin { get; init; } = "";

    public string MessageId { get; init; } = "";

    public string TraceParent { get; init; } = "";
}

/// <summary>A message whose octets are complete and, if large, durable; not yet in the queue. Each store derives its own.
/// Disposing one that was not committed leaves nothing behind.</summary>
internal abstract class PreparedMessage(QueueId id, NewMessage message) : IAsyncDisposable
{
    public QueueId Id { get; } = id;

    public NewMessage Message { get; } = message;

    public abstract long Octets { get; }

    public abstract ValueTask DisposeAsync();
}

/// <summary>The right to deliver one message, for a while.</summary>
/// <param name="Message">As it was when leased.</param>
/// <param name="Due">The recipients to try, all <see cref="RecipientState.Waiting"/>.</param>
/// <param name="Token">Fences the lease: a settlement with a token that is not the message's current one changes nothing.</param>
/// <param name="Content">The octets.</param>
internal sealed record QueueLease(QueuedMessage Message, IReadOnlyList<QueuedRecipient> Due, long Token, MessageContent Content)
{
    /// <summary>When it lapses. Whoever has not begun to deliver by then must not begin: the message may be another's.</summary>
    public DateTimeOffset Until { get; init; } = DateTimeOffset.MaxValue;
}

/// <summary>What a commit came to.</summary>
internal enum CommitStatus
{
    /// <summary>On disk. Only now is 250 the truth.</summary>
    Committed,

    /// <summary>No room on disk: 452 4.3.1. Nothing is left behind.</summary>
    Full,

    /// <summary>The device or the store failed: 451 4.3.0. Nothing of the message will ever be delivered.</summary>
    Failed,
}

/// <param name="Lease">The lease, where one was asked for and the message was committed.</param>
/// <param name="Reason">For the log, where it was not.</param>
internal readonly record struct CommitResult(CommitStatus Status, QueueLease? Lease = null, string? Reason = null);

/// <summary>Whether the store can take mail.</summary>
internal enum StoreHealth
{
    Ready,

    /// <summary>Free disk below Queue:MinFreeOctets: 452 4.3.1.</summary>
    Full,

    /// <summary>A write or sync failed, and no probe write has proved the store well since: 451 4.3.0.</summary>
    Suspect,
}
