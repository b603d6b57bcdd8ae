using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;

namespace RelayProxy.Delivery.Reports;

/// <summary>The actions of RFC 3464 §2.3.3 that a relay has to report. "Expanded" is nobody's here: each recipient has an outcome.</summary>
internal enum ReportAction
{
    Failed,
    Delayed,

    /// <summary>Handed to a smarthost that will not report its success (RFC 3461 §5.2.2).</summary>
    Relayed,

    /// <summary>In its mailbox on this machine.</summary>
    Delivered,
}

/// <summary>What a report has to say about one recipient.</summary>
/// <param name="Reply">The smarthost's words, or ours.</param>
/// <param name="RemoteMta">The smarthost's name where <paramref name="Reply"/> is its own; else empty.</param>
internal sealed record ReportedRecipient(Recipient Recipient, SmtpReply Reply, string RemoteMta, DateTimeOffset? LastAttempt);

/// <summary>Everything that a report is made of.</summary>
internal sealed record DeliveryReport
{
    public required ReportAction Action { get; init; }

    /// <summary>The message that is reported on.</summary>
    public required QueuedMessage Message { get; init; }

    /// <summary>At least one; all of the same action, and no others.</summary>
    public required IReadOnlyList<ReportedRecipient> Recipients { get; init; }

    /// <summary>Who gets it: the envelope sender of the message, or the postmaster in its place.</summary>
    public required Mailbox To { get; init; }

    /// <summary>Our own name.</summary>
    public required string HostName { get; init; }

    /// <summary>With the offset to be shown.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>For <see cref="ReportAction.Delayed"/>: until when it is tried.</summary>
    public DateTimeOffset? WillRetryUntil { get; init; }

    /// <summary>The report goes to the postmaster because the message has no sender to tell; it stays in the queue, parked.</summary>
    public bool ForPostmaster { get; init; }

    /// <summary>The octets of the message that are returned: its header section, or all of it.</summary>
    public ReadOnlyMemory<byte> Returned { get; init; }

    /// <summary><see cref="Returned"/> is the whole message.</summary>
    public bool ReturnsAll { get; init; }

    /// <summary>The smarthost refused the message for lack of SMTPUTF8 or 8BITMIME: the report must do without.</summary>
    public bool SevenBitOnly { get; init; }

    /// <summary>Whether UTF-8 may stand in the report as it is (RFC 6533); otherwise it is written in ASCII throughout.</summary>
    public bool IsInternational => !To.IsAscii || (!SevenBitOnly && NeedsUtf8(Message));

    private static bool NeedsUtf8(QueuedMessage message) =>
        (message.Traits & ContentTraits.Utf8Header) != 0 || message.Recipients.Any(recipient => !recipient.Recipient.Address.IsAscii);
}
