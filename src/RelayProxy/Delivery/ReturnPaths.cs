using RelayProxy.Mail;

namespace RelayProxy.Delivery;

/// <summary>Whom a message is from, and who hears of it: the envelope's sender, or for the recipients of a list its owner. A message
/// without a sender stays without one, whatever list it goes to, or reports would beget reports.</summary>
internal static class ReturnPaths
{
    /// <summary>Who is told of a recipient; <c>null</c>: nobody.</summary>
    public static Mailbox? Of(Envelope envelope, Recipient recipient) =>
        envelope.Sender is null ? null : recipient.ReturnPath ?? envelope.Sender;

    /// <summary>The envelope that a recipient's transaction has. What the sender asked for of reports is not the owner's affair (RFC 3461
    /// §5.2.7).</summary>
    public static Envelope EnvelopeFor(Envelope envelope, Recipient recipient) =>
        envelope.Sender is null || recipient.ReturnPath is null
            ? envelope
            : envelope with { Sender = recipient.ReturnPath, EnvelopeId = null, Return = DsnReturn.Unspecified };
}
