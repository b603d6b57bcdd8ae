using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Rewrite;

/// <summary>Names in, names out: who a recipient really is, and whom a message is from.</summary>
internal sealed class Rewriter
{
    /// <summary>The sender as it leaves: qualified. A null sender stays null.</summary>
    public Mailbox? Sender(Mailbox? sender) => throw new NotImplementedException();

    /// <summary>Whom a recipient stands for; or the refusal, while somebody is there to hear it.</summary>
    public RecipientExpansion Recipient(Recipient recipient) => throw new NotImplementedException();
}

/// <param name="Recipients">At least one, unless <paramref name="Refusal"/> is set.</param>
internal readonly record struct RecipientExpansion(IReadOnlyList<Recipient> Recipients, SmtpReply? Refusal = null);
