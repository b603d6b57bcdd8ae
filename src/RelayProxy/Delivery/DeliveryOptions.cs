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

    /// <summary>Bounces bring the original back whole also where the sender did not say what it wants (RET absent), as with dma's
    /// FULLBOUNCE.</summary>
    public bool ReturnWhole { get; set; }

    /// <summary>How large an original may be to be returned whole; beyond it, its header section.</summary>
    public int MaxReturnedOctets { get; set; } = 64 * 1024;

    /// <summary>Octets of fresh messages held in memory for delivery; beyond it they are read from the store when their turn comes.</summary>
    public long MaxHandOverOctets { get; set; } = 32L * 1024 * 1024;

    /// <summary>Rules for replies that mean something else than their code says, tried before those that come with the program:
    /// <c>quota * 550 5.7.1 daily limit</c>. The form is that of <see cref="ReplyRule"/>.</summary>
    public IList<string> ReplyRules { get; set; } = [];

    /// <summary>Bounces that one sender gets in an hour. Beyond it the mail is parked, so that a wrong address in a loop does not
    /// answer itself thousands of times.</summary>
    public int MaxReportsPerHour { get; set; } = 500;
}
