using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Rewrite;

/// <summary>What the settings of rewriting must not say.</summary>
internal static class RewriteOptionsRules
{
    /// <summary>One sentence for each broken rule; it begins with the setting's key and ends with the way out.</summary>
    public static IEnumerable<string> Broken(RewriteOptions options)
    {
        if (options.Origin.Length > 0 && !DomainParser.IsWhole(Encoding.UTF8.GetBytes(options.Origin)))
        {
            yield return $"Rewrite:Origin is \"{options.Origin}\", which is not a domain; write one such as example.net, or leave it "
                + "out for that of /etc/mailname";
        }

        IEnumerable<string> broken =
        [
            .. AddressMap.Troubles("Rewrite:RecipientMap", options.RecipientMap),
            .. AddressMap.Troubles("Rewrite:CanonicalMap", options.CanonicalMap),
            .. AddressMap.Troubles("Rewrite:SenderMap", options.SenderMap),
            .. AddressMap.Troubles("Rewrite:GenericMap", options.GenericMap),
        ];
        foreach (string sentence in broken)
        {
            yield return sentence;
        }
    }
}
