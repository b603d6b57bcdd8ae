using RelayProxy.Mail;

namespace RelayProxy.Queue;

/// <summary>What became of one lease. Recipients of the lease that are not named go back as they were.</summary>
internal sealed record Settlement
{
    public required QueueLease Lease { get; init; }

    public IReadOnlyList<RecipientSettlement> Recipients { get; init; } = [];

    /// <summary>One row for each recipient that was tried.</summary>
    public IReadOnlyList<HistoryEntry> History { get; init; } = [];

    /// <summary>Bounces and delay notices, committed with the rest or not at all.</summary>
    public IReadOnlyList<PreparedMessage> Reports { get; init; } = [];

    /// <summary>The sender has been told of the delay, or will not be.</summary>
    public bool DelayNoticeDone { get; init; }
}

/// <param name="Ordinal">Which recipient (<see cref="QueuedRecipient.Ordinal"/>).</param>
/// <param name="NextAttempt">For <see cref="RecipientState.Waiting"/>: when to try again.</param>
/// <param name="LastReply">As one line.</param>
internal readonly record struct RecipientSettlement(
    int Ordinal, RecipientState State, int Attempts, DateTimeOffset NextAttempt, string LastReply, bool MayHaveBeenDelivered = false);

internal enum SettleResult
{
    Settled,

    /// <summary>The lease had lapsed, or the message was deleted, meanwhile: nothing changed but the history, and no report was
    /// committed.</summary>
    LeaseLost,

    /// <summary>The store failed; nothing changed. The lease still stands until it lapses.</summary>
    Failed,
}

/// <summary>What happened to one recipient at one time.</summary>
internal sealed record HistoryEntry
{
    public required QueueId Id { get; init; }

    public required DateTimeOffset At { get; init; }

    /// <summary>As written on the wire; <c>&lt;&gt;</c> for the null sender.</summary>
    public required string Sender { get; init; }

    public required string Recipient { get; init; }

    /// <summary>Where to: <c>smtp.example.net:465</c>; empty for what happened here.</summary>
    public string Smarthost { get; init; } = "";

    /// <summary>How far it came: the SMTP step's name (<c>RcptTo</c>), or what was done here (<c>Accepted</c>, <c>Deleted</c>).</summary>
    public required string Stage { get; init; }

    /// <summary>delivered, deferred, bounced, parked, in-doubt, held, released, deleted, damaged, accepted.</summary>
    public required string Outcome { get; init; }

    /// <summary>The reply, verbatim, as one line.</summary>
    public string Reply { get; init; } = "";

    /// <summary><c>TLSv1.3</c>; empty where there was none.</summary>
    public string Tls { get; init; } = "";

    /// <summary>From acceptance to now.</summary>
    public TimeSpan Delay { get; init; }
}
