using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Intake;

/// <summary>What intake says about a message.</summary>
internal static class IntakeReplies
{
    /// <summary>RFC 3463 X.3.1: mail system full.</summary>
    public static SmtpReply DiskFull { get; } = new(452, 3, 1, "Insufficient system storage, try again later");

    /// <summary>Our fault, and perhaps gone tomorrow: never a 5xx.</summary>
    public static SmtpReply StoreFailed { get; } = new(451, 3, 0, "Local error: the message was not stored, try again later");

    /// <summary>RFC 3463 X.4.6: routing loop.</summary>
    public static SmtpReply MailLoop { get; } = new(554, 4, 6, "Too many hops: this message has been going in circles");

    /// <summary>RFC 5321 §3.3: DATA without a recipient that was accepted.</summary>
    public static SmtpReply NoRecipients { get; } = new(554, 5, 1, "No valid recipients");

    public static SmtpReply Queued(QueueId id) => new(250, 0, 0, $"Queued as {id}");

    public static SmtpReply ThrownAway(QueueId id) => new(250, 0, 0, $"Thrown away as its aliases say, {id}");
}
