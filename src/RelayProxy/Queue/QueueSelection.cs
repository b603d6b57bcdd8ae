using RelayProxy.Mail;

namespace RelayProxy.Queue;

/// <summary>Which messages. All that is given must hold; an empty selection matches everything.</summary>
internal sealed record QueueSelection
{
    /// <summary>These ids; empty for any.</summary>
    public IReadOnlyList<QueueId> Ids { get; init; } = [];

    /// <summary>Sender or a recipient, compared without regard to case; <c>@example.net</c> is a whole domain.</summary>
    public string? Address { get; init; }

    /// <summary>A recipient in this state.</summary>
    public RecipientState? State { get; init; }

    /// <summary>A waiting recipient that has been tried at least once.</summary>
    public bool Deferred { get; init; }

    /// <summary>At most so many, oldest first.</summary>
    public int? Limit { get; init; }

    public static QueueSelection All { get; } = new();
}

internal sealed record HistorySelection(QueueId? Id = null, string? Address = null, int? Limit = null);

/// <param name="HasGap">Rows older than these were left out.</param>
/// <param name="Mark">Where the next look begins.</param>
internal sealed record HistoryNews(IReadOnlyList<HistoryEntry> Entries, bool HasGap, long Mark);

/// <summary>What an operator can do to queued mail. Messages in delivery are included: what they meanwhile achieve stands.</summary>
internal enum QueueAction
{
    /// <summary>Waiting recipients fall due now.</summary>
    Retry,

    /// <summary>Waiting recipients are held.</summary>
    Hold,

    /// <summary>Held and parked recipients wait again, due now.</summary>
    Release,

    /// <summary>Gone, with a history row for each recipient.</summary>
    Delete,
}

/// <summary>Counts of recipients by state, and of messages.</summary>
/// <param name="OldestReceivedAt">Of all messages.</param>
/// <param name="OldestWaitingSince">Of those that have a recipient waiting or in delivery.</param>
internal sealed record QueueTotals(
    long Messages, long Octets, long Waiting, long InDelivery, long Held, long Parked, DateTimeOffset? OldestReceivedAt, DateTimeOffset? OldestWaitingSince);
