namespace RelayProxy.Delivery;

/// <summary>How delivery stands, for health checks and metrics.</summary>
internal sealed record DeliverySnapshot
{
    /// <summary>Trouble that no success has ended yet; <c>null</c> if all is well.</summary>
    public RestReason? Trouble { get; init; }

    /// <summary>Until when the smarthost is left alone; <c>null</c> if it is not.</summary>
    public DateTimeOffset? RestingUntil { get; init; }

    /// <summary>What was said when the rest began; empty if there is none.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Connections at work.</summary>
    public int Active { get; init; }

    /// <summary>Messages being sent, about to be, or being written down.</summary>
    public int InFlight { get; init; }

    public required DeliveryCounts Counts { get; init; }
}

/// <summary>Recipients since the start, by what became of them at an attempt.</summary>
internal sealed record DeliveryCounts(long Delivered, long Deferred, long Bounced, long Parked, long InDoubt);
