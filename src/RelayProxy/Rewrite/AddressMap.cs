using RelayProxy.Mail;

namespace RelayProxy.Rewrite;

/// <summary>Other addresses for addresses.</summary>
internal sealed class AddressMap
{
    private readonly Dictionary<Mailbox, Mailbox> _addresses = [];

    public static AddressMap Of(IEnumerable<string> lines) => new();

    /// <summary>What an address is mapped to; <c>null</c> if nothing applies.</summary>
    public Mailbox? Find(Mailbox address) => _addresses.GetValueOrDefault(address);
}
