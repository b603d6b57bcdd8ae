namespace RelayProxy.Intake;

/// <summary>Settings of the <c>Intake</c> section.</summary>
internal sealed class IntakeOptions
{
    /// <summary>Our own name: in the greeting, in <c>Received</c> and in Message-IDs. Empty: this host's fully qualified name.</summary>
    public string HostName { get; set; } = "";

    /// <summary>A message with more <c>Received</c> fields than this is going in circles: 554 5.4.6 (RFC 5321 §6.3).</summary>
    public int MaxReceivedFields { get; set; } = 50;

    /// <summary>Remove <c>Bcc</c> and <c>Resent-Bcc</c> from the header section of mail that came by SMTP.</summary>
    public bool RemoveBcc { get; set; }

    /// <summary>Remove <c>traceparent</c> and <c>tracestate</c> from the header section, once the trace they name has been continued.</summary>
    public bool RemoveTraceFields { get; set; }

    /// <summary>Add a <c>Date</c> where it is missing (RFC 6409 §8.2).</summary>
    public bool AddDate { get; set; } = true;

    /// <summary>Add a <c>Message-ID</c> where it is missing (RFC 6409 §8.3).</summary>
    public bool AddMessageId { get; set; } = true;

    /// <summary>Add a <c>From</c> where it is missing, from the envelope.</summary>
    public bool AddFrom { get; set; } = true;

    /// <summary>A header section of more octets than this is streamed past: it gets the Received field on top and nothing else is
    /// added or rewritten; Received fields are counted as far as that.</summary>
    public int MaxHeaderOctets { get; set; } = 100 * 1024;

    /// <summary>Lines of more than 998 octets in mail that comes by the sendmail command.</summary>
    public LongLines LongLines { get; set; }
}
