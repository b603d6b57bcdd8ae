namespace RelayProxy.Delivery;

/// <summary>Settings of the <c>Delivery</c> section.</summary>
internal sealed class DeliveryOptions
{
    /// <summary>The pause after the first deferral; doubles each time, with jitter.</summary>
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest pause.</summary>
    public TimeSpan MaxRetry { get; set; } = TimeSpan.FromHours(4);

    /// <summary>Gets what has no sender to go back to, and mail to postmaster, root and mailer-daemon that nothing else resolves.
    /// Empty: bounces that cannot be returned are parked.</summary>
    public string PostmasterAddress { get; set; } = "";

    /// <summary>How large an original may be to be returned whole when the sender asked for RET=FULL; beyond it, its header section.</summary>
    public int MaxReturnedOctets { get; set; } = 64 * 1024;

    /// <summary>Octets of fresh messages held in memory for delivery; beyond it they are read from the store when their turn comes.</summary>
    public long MaxHandOverOctets { get; set; } = 32L * 1024 * 1024;
}
