using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Rewrite;

/// <summary>Postfix's masquerade_domains: hosts of these domains are hidden behind them. From left to right, the first that the
/// domain is, or is below, decides; <c>!</c> before it leaves the address as it is.</summary>
internal sealed class MasqueradeDomains
{
    private readonly (string Domain, bool IsHidden)[] _domains;

    public MasqueradeDomains(IEnumerable<string> domains) => _domains = [.. domains.Select(Parsed)];

    public bool IsEmpty => _domains.Length == 0;

    public static bool IsGood(string item) => DomainParser.IsWhole(Encoding.UTF8.GetBytes(Parsed(item).Domain));

    public Mailbox Of(Mailbox address)
    {
        foreach ((string domain, bool isHidden) in _domains)
        {
            int above = address.Domain.Length - domain.Length;
            if (above >= 0
                && address.Domain.EndsWith(domain, StringComparison.OrdinalIgnoreCase)
                && (above == 0 || address.Domain[above - 1] == '.'))
            {
                return isHidden && above > 0 ? address with { Domain = domain } : address;
            }
        }

        return address;
    }

    /// <summary>As in Postfix, two exclamation marks are none.</summary>
    private static (string Domain, bool IsHidden) Parsed(string item)
    {
        string domain = item.TrimStart('!');
        return (domain, (item.Length - domain.Length) % 2 == 0);
    }
}
