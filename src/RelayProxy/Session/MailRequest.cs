using RelayProxy.Mail;

namespace RelayProxy.Session;

/// <summary>A MAIL command while its parameters are read: each extension writes down its own. Used anew for each command.</summary>
internal sealed class MailRequest
{
    /// <summary>SIZE; 0 where it was not given (RFC 1870 §3).</summary>
    public long DeclaredOctets { get; set; }

    public bool Is8BitMime { get; set; }

    public bool IsSmtpUtf8 { get; set; }

    public DsnReturn Return { get; set; }

    public string? EnvelopeId { get; set; }

    public void Clear()
    {
        DeclaredOctets = 0;
        Is8BitMime = false;
        IsSmtpUtf8 = false;
        Return = DsnReturn.Unspecified;
        EnvelopeId = null;
    }

    public Envelope ToEnvelope(Mailbox? sender) => new()
    {
        Sender = sender,
        EnvelopeId = EnvelopeId,
        Return = Return,
        Declared8BitMime = Is8BitMime,
        DeclaredSmtpUtf8 = IsSmtpUtf8,
    };
}

/// <summary>A RCPT command while its parameters are read.</summary>
internal sealed class RcptRequest
{
    public DsnNotify Notify { get; set; }

    public string? OriginalRecipient { get; set; }

    public void Clear()
    {
        Notify = DsnNotify.Unspecified;
        OriginalRecipient = null;
    }
}
