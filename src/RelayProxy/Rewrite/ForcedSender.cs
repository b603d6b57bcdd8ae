using RelayProxy.Mail;

namespace RelayProxy.Rewrite;

/// <summary>The one sender that a provider permits, and those that it permits as well.</summary>
internal sealed class ForcedSender
{
    private readonly Mailbox _address;
    private readonly AddressMap _allowed;

    private ForcedSender(Mailbox address, AddressMap allowed)
    {
        _address = address;
        _allowed = allowed;
    }

    /// <summary><c>null</c> if no sender is forced.</summary>
    public static ForcedSender? Of(RewriteOptions options, Origin origin)
    {
        if (!MailboxParser.TryParse(options.ForceSender, out Mailbox? address) || address is null)
        {
            return null;
        }

        // Whom a map with these keys would change is allowed: the same names, read the same way.
        AddressMap allowed = AddressMap.Of(options.AllowedSenders.Select(sender => $"{sender} {options.ForceSender}"), origin);
        return new ForcedSender(address.IsBare ? address with { Domain = origin.Domain } : address, allowed);
    }

    public Mailbox Of(Mailbox address) => _allowed.Find(address) is null ? _address : address;
}
