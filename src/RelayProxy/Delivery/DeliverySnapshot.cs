namespace RelayProxy.Delivery;

/// <summary>How delivery stands, for health checks and metrics.</summary>
internal sealed record DeliverySnapshot
{
    /// <summary>Trouble that no success has ended yet; <c>null</c> if all is well.</summary>
    public RestReason? Trouble { get; init; }

    /// <summary>For how long the smarthost is still left alone; zero if it is not.</summary>
    public TimeSpan RestLeft { get; init; }

    /// <summary>What was said when the rest began; empty if there is none.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Connections at work.</summary>
    public int Active { get; init; }

    /// <summary>Messages being sent, about to be, or being written down.</summary>
    public int InFlight { get; init; }
}
