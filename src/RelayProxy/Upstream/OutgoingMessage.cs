using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Upstream;

/// <summary>One transaction's worth of mail.</summary>
internal sealed record OutgoingMessage
{
    /// <summary>For the log.</summary>
    public required QueueId Id { get; init; }

    public required Envelope Envelope { get; init; }

    public required ContentTraits Traits { get; init; }

    /// <summary>At least one, at most <see cref="SmarthostOptions.MaxRecipientsPerTransaction"/>.</summary>
    public required IReadOnlyList<Recipient> Recipients { get; init; }

    public required MessageContent Content { get; init; }
}

/// <summary>What was said about one recipient, and when.</summary>
/// <param name="Reply">The smarthost's reply; or ours, where it could not be asked or did not answer.</param>
/// <param name="FromSmarthost">Whether the reply is the smarthost's own.</param>
/// <param name="MayHaveBeenDelivered">The final dot was sent and no reply came: in doubt.</param>
internal readonly record struct RecipientVerdict(DeliveryStage Stage, SmtpReply Reply, bool FromSmarthost, bool MayHaveBeenDelivered = false);

/// <summary>What one transaction came to.</summary>
/// <param name="Verdicts">One for each recipient, in the order of <see cref="OutgoingMessage.Recipients"/>.</param>
/// <param name="DsnPassedOn">The smarthost was given the DSN parameters; if not, reporting success is up to us (RFC 3461 §5.2.2).</param>
/// <param name="ConnectionLost">The connection ended without a reply to what was sent, or can't be trusted any more.</param>
internal sealed record TransactionResult(IReadOnlyList<RecipientVerdict> Verdicts, bool DsnPassedOn, bool ConnectionLost);

/// <summary>Why there is no session.</summary>
/// <param name="Reply">What to tell, as if the smarthost had said it: <c>421 4.4.1 connect to …: refused</c>.</param>
internal sealed record SessionFailure(DeliveryStage Stage, SessionFault Fault, SmtpReply Reply, bool FromSmarthost);
