namespace RelayProxy.Mail;

/// <summary>Who sent a message and what was asked for it, apart from its recipients: MAIL and its parameters.</summary>
internal sealed record Envelope
{
    /// <summary>The reverse-path; <c>null</c> is the null reverse-path <c>&lt;&gt;</c> of bounces.</summary>
    public Mailbox? Sender { get; init; }

    /// <summary>ENVID as it came, in xtext (RFC 3461 §4.4); <c>null</c> if it was not given.</summary>
    public string? EnvelopeId { get; init; }

    public DsnReturn Return { get; init; }

    /// <summary>The client said BODY=8BITMIME. What the content really holds is in <see cref="ContentTraits"/>.</summary>
    public bool Declared8BitMime { get; init; }

    /// <summary>The client said SMTPUTF8 (RFC 6531 §3.4).</summary>
    public bool DeclaredSmtpUtf8 { get; init; }
}

/// <summary>One RCPT.</summary>
/// <param name="Address">Where the message goes: after aliases, qualified.</param>
/// <param name="Notify">NOTIFY; <see cref="DsnNotify.Unspecified"/> if it was not given.</param>
/// <param name="OriginalRecipient">ORCPT as it came, in xtext with its address type (<c>rfc822;root@web1</c>); <c>null</c>
/// if neither the client gave one nor a rewrite made one necessary (RFC 3461 §4.2).</param>
internal sealed record Recipient(Mailbox Address, DsnNotify Notify = DsnNotify.Unspecified, string? OriginalRecipient = null)
{
    /// <summary>Where on this machine the message ends; <c>null</c>: a smarthost takes it on. <see cref="Address"/> then is the name that led
    /// there, for reports and logs.</summary>
    public LocalDestination? Local { get; init; }

    public MailRoute Route => Local is null ? MailRoute.Smarthost : MailRoute.Local;

    /// <summary>Who hears of trouble instead of the envelope's sender: the owner of the list that the recipient was on
    /// (<c>owner-list</c>); <c>null</c>: the sender.</summary>
    public Mailbox? ReturnPath { get; init; }
}

/// <summary>What the octets of a message were seen to hold while they came in.</summary>
[Flags]
internal enum ContentTraits
{
    None = 0,

    /// <summary>An octet above 127 somewhere: needs 8BITMIME.</summary>
    EightBit = 1,

    /// <summary>UTF-8 in the header section: needs SMTPUTF8.</summary>
    Utf8Header = 2,

    /// <summary>A line of more than 998 octets.</summary>
    LongLine = 4,

    /// <summary>A NUL.</summary>
    Nul = 8,
}
