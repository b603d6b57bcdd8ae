using RelayProxy.Mail;

namespace RelayProxy.Rewrite;

/// <summary>What has changed an address, in the order in which it is asked.</summary>
[Flags]
internal enum RewriteSteps
{
    None = 0,

    /// <summary>A name without a domain, or with one that only this machine knows, got <c>Rewrite:Origin</c>.</summary>
    Origin = 1,

    CanonicalMap = 2,

    SenderMap = 4,

    Masquerade = 8,

    MasqueradeDomains = 16,

    GenericMap = 32,

    ForceSender = 64,
}

/// <summary>An address and what has made it so.</summary>
internal readonly record struct RewrittenAddress(Mailbox Address, RewriteSteps Steps)
{
    /// <summary>The address after one more step; that step is kept only if it has changed something.</summary>
    public RewrittenAddress Then(RewriteSteps step, Mailbox? address) =>
        address is null || address.Equals(Address) ? this : new(address, Steps | step);
}

/// <summary>What an address stands for in a message.</summary>
internal enum AddressRole
{
    /// <summary>The sender in the envelope.</summary>
    EnvelopeSender,

    /// <summary>Whom the message is from: From, Sender, and those of a resending.</summary>
    Author,

    /// <summary>Where answers and notices go: Reply-To and its kin. It need not be who sent the message.</summary>
    ReplyTo,

    /// <summary>Whom the message is for: To, Cc, and those of a resending.</summary>
    Recipient,
}
