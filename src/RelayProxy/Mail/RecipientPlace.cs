using System.Diagnostics.CodeAnalysis;

namespace RelayProxy.Mail;

/// <summary>Compares recipients by where a message for them ends, and by nothing else: one copy to each place.</summary>
internal sealed class RecipientPlace : IEqualityComparer<Recipient>
{
    public static RecipientPlace Comparer { get; } = new();

    public bool Equals(Recipient? left, Recipient? right) => (left, right) switch
    {
        ({ Local: null }, { Local: null }) => left.Address.Equals(right.Address),
        ({ Local: { } here }, { Local: { } there }) => here.Equals(there),
        (null, null) => true,
        _ => false,
    };

    public int GetHashCode([DisallowNull] Recipient recipient) => recipient.Local?.GetHashCode() ?? recipient.Address.GetHashCode();
}
