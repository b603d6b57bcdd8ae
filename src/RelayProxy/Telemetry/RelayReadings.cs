namespace RelayProxy.Telemetry;

/// <summary>What nobody counts, because it can be asked for: how things stand when somebody looks at the metrics. <c>null</c>: cannot be told
/// just now.</summary>
internal sealed record RelayReadings
{
    public Func<QueueReading?> Queue { get; init; } = static () => null;

    public Func<UpstreamReading?> Upstream { get; init; } = static () => null;

    /// <summary>When the access token expires that the next login with this smarthost would use, if it tells. Reads its file.</summary>
    public Func<(string Smarthost, DateTimeOffset Expires)?> Token { get; init; } = static () => null;

    /// <summary>When the settings were last read to good effect, and whether that was the last time they were read at all.</summary>
    public Func<(DateTimeOffset At, bool Succeeded)?> Reload { get; init; } = static () => null;

    /// <summary>Octets that may still be written where the queue is, and those that must be left.</summary>
    public Func<(long Free, long Reserve)?> Disk { get; init; } = static () => null;

    /// <summary>Clients inside.</summary>
    public Func<int> Connections { get; init; } = static () => 0;

    /// <summary>How long ago delivery's loop last came round.</summary>
    public Func<TimeSpan> HeartbeatAge { get; init; } = static () => TimeSpan.Zero;
}

/// <param name="Waiting">Recipients, as the other three.</param>
/// <param name="OldestSince">Since when the oldest message waits that is neither held nor parked; <c>null</c> if none does.</param>
internal sealed record QueueReading(long Messages, long Octets, long Waiting, long InDelivery, long Held, long Parked, DateTimeOffset? OldestSince);

/// <param name="Active">Connections that send, as <paramref name="Idle"/> are those that are kept for the next message.</param>
/// <param name="Trouble">Why it takes no mail, in one word (<c>away</c>); <c>null</c> if it does.</param>
/// <param name="NeedsAPerson">The trouble does not pass by itself.</param>
/// <param name="RestLeft">How long it is still left alone.</param>
/// <param name="CertificateExpires">Of the session opened last.</param>
internal sealed record UpstreamReading(
    string Smarthost, int Active, int Idle, string? Trouble, bool NeedsAPerson, TimeSpan RestLeft, DateTimeOffset? CertificateExpires);
