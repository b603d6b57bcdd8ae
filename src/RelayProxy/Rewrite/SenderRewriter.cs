using RelayProxy.Mail;

namespace RelayProxy.Rewrite;

/// <summary>Whom a message is from, by one snapshot of the settings.</summary>
internal sealed class SenderRewriter(RewriteOptions options, Origin origin)
{
    public RewriteOptions Options => options;

    /// <summary>The sender as it leaves: qualified. A null sender stays null. A domain without a dot is some machine's own name and gets
    /// the origin, too: programs in containers send as <c>app@3f2a91c07d</c>.</summary>
    public Mailbox? Sender(Mailbox? sender)
    {
        if (sender is null)
        {
            return null;
        }

        return origin.IsLocal(sender.Domain) || Origin.IsUnqualified(sender.Domain) ? sender with { Domain = origin.Domain } : sender;
    }
}
