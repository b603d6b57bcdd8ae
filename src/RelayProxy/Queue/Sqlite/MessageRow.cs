using RelayProxy.Mail;

namespace RelayProxy.Queue.Sqlite;

/// <summary>One row of the message table as it was read.</summary>
internal sealed class MessageRow
{
    public required QueueId Id { get; init; }

    public required long LeaseToken { get; init; }

    /// <summary>UTC ticks; <c>null</c> if it is not leased.</summary>
    public required long? LeaseUntil { get; init; }

    public required bool Damaged { get; init; }

    /// <summary>What the row adds to the sums as it stands.</summary>
    public required Tally Tally { get; init; }

    /// <summary><c>null</c> if it is damaged.</summary>
    public required StoredEnvelope? Envelope { get; init; }

    /// <summary><c>null</c> if it is damaged.</summary>
    public required StoredRecipients? Recipients { get; init; }

    public bool IsReadable => Envelope is not null && Recipients is not null;

    /// <summary>As the contract shows it. What cannot be read of a damaged row is left empty.</summary>
    public QueuedMessage ToMessage(DateTimeOffset now) => new()
    {
        Id = Id,
        Envelope = Envelope?.Envelope ?? new Envelope(),
        Traits = Envelope?.Traits ?? ContentTraits.None,
        Octets = Tally.Octets,
        HeaderOctets = Envelope?.HeaderOctets ?? 0,
        ReceivedAt = Envelope?.ReceivedAt ?? DateTimeOffset.UnixEpoch,
        Origin = Envelope?.Origin ?? "",
        MessageId = Envelope?.MessageId ?? "",
        TraceParent = Envelope?.TraceParent ?? "",
        ExpiresAt = Recipients?.ExpiresAt ?? DateTimeOffset.MaxValue,
        DelayNoticeAt = Recipients?.DelayNoticeAt,
        InDelivery = LeaseUntil > now.UtcTicks,
        IsDamaged = Damaged || !IsReadable,
        Recipients = Recipients?.Recipients ?? [],
    };
}
