using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Intake;

/// <summary>Mail that has passed through too many hands goes in circles (RFC 5321 §6.3). The trace fields that every relay adds
/// tell; nobody can leave them out by mistake.</summary>
internal static class LoopGuard
{
    /// <summary>The refusal; <c>null</c> if the message may pass.</summary>
    public static SmtpReply? Check(ReadOnlySpan<byte> content, HeaderBlock header, int maxReceivedFields) =>
        header.Count(content, "Received"u8) > maxReceivedFields ? IntakeReplies.MailLoop : null;
}
