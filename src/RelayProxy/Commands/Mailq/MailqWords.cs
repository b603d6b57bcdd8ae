using RelayProxy.Queue;

namespace RelayProxy.Commands.Mailq;

/// <summary>A queued message in Postfix's words.</summary>
internal static class MailqWords
{
    /// <summary>Whom bounces come from.</summary>
    public const string NullSender = "MAILER-DAEMON";

    public static string Sender(QueuedMessage message) => message.Envelope.Sender?.ToString() ?? NullSender;

    /// <summary>Not done with: Postfix forgets the others.</summary>
    public static bool IsOpen(QueuedRecipient recipient) => recipient.State is not (RecipientState.Delivered or RecipientState.Bounced);

    /// <summary>Behind the id: <c>*</c> if it is being delivered now, <c>!</c> if an operator has to let it go.</summary>
    public static string Mark(QueuedMessage message) => message.InDelivery ? "*" : IsSetAside(message) ? "!" : "";

    /// <summary>Which of Postfix's queues it would be in.</summary>
    public static string Queue(QueuedMessage message) =>
        message.InDelivery ? "active"
        : IsSetAside(message) ? "hold"
        : message.Recipients.Any(recipient => recipient is { State: RecipientState.Waiting, LastReply: not null }) ? "deferred"
        : "incoming";

    private static bool IsSetAside(QueuedMessage message) => !message.Recipients.Any(recipient => recipient.State == RecipientState.Waiting);
}
