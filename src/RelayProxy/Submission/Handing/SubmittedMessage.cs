using RelayProxy.Mail;
using RelayProxy.Submission.Text;

namespace RelayProxy.Submission.Handing;

/// <summary>A message that is complete, and whom it is from and for.</summary>
internal sealed class SubmittedMessage
{
    public required SubmittedText Text { get; init; }

    /// <summary><c>null</c>: the null sender.</summary>
    public required Mailbox? Sender { get; init; }

    public required IReadOnlyList<Mailbox> Recipients { get; init; }

    public DsnNotify Notify { get; init; }

    public DsnReturn Return { get; init; }

    /// <summary>Plain; empty if there is none.</summary>
    public string EnvelopeId { get; init; } = "";

    /// <summary>Something in its header or its envelope lies beyond ASCII (RFC 6531).</summary>
    public bool NeedsSmtpUtf8
    {
        get
        {
            if (Text.NeedsSmtpUtf8 || Sender is { IsAscii: false })
            {
                return true;
            }

            foreach (Mailbox recipient in Recipients)
            {
                if (!recipient.IsAscii)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
