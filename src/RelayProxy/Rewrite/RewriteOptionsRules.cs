using System.Text;
using RelayProxy.Mail;
using RelayProxy.Rewrite.Aliases;

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
            .. BrokenMasquerade(options),
            .. BrokenRecipients(options),
        ];
        foreach (string sentence in broken)
        {
            yield return sentence;
        }
    }

    /// <summary>What stands in nobody's way, and had better be mended. (In what others may write no command runs and no file is written to, whatever
    /// is permitted.)</summary>
    public static IEnumerable<string> Doubtful(RewriteOptions options) =>
        options.AliasFile.Length > 0 && FileStamp.WayToClose(options.AliasFile) is { } way
            ? [$"Rewrite:AliasFile is {options.AliasFile}, which others may write, and so redirect everybody's mail; type: {way}"]
            : [];

    private static IEnumerable<string> BrokenMasquerade(RewriteOptions options)
    {
        if (options.Masquerade.Length > 0 && !Masquerade.TryParse(options.Masquerade, out _))
        {
            yield return $"Rewrite:Masquerade is \"{options.Masquerade}\"; write user@, host, or user@host";
        }

        foreach (string item in options.MasqueradeDomains.Where(item => !MasqueradeDomains.IsGood(item)))
        {
            yield return $"Rewrite:MasqueradeDomains has \"{item}\", which is not a domain; write one such as example.net or !ext.example.net";
        }

        foreach (string user in options.MasqueradeExceptions.Where(user => user.Contains('@', StringComparison.Ordinal)))
        {
            yield return $"Rewrite:MasqueradeExceptions has \"{user}\"; write the user alone, without a domain";
        }

        if (options.ForceSender.Length > 0 && !MailboxParser.TryParse(options.ForceSender, out _))
        {
            yield return $"Rewrite:ForceSender is \"{options.ForceSender}\", which is not an address; write one such as app@example.net";
        }

        foreach (string sender in options.AllowedSenders.Where(sender => !AddressMapLine.TryParseName(sender, out _)))
        {
            yield return $"Rewrite:AllowedSenders has \"{sender}\", which is no address; write user@example.net or @example.net";
        }
    }

    private static IEnumerable<string> BrokenRecipients(RewriteOptions options)
    {
        foreach ((string name, string destinations) in options.Aliases)
        {
            foreach (AliasProblem problem in InlineAliases.Read(name, destinations).Problems.Where(problem => !problem.IsWarning))
            {
                yield return $"Rewrite:Aliases:{name} is \"{destinations}\": {problem.Text}; write destinations as in an aliases file";
            }
        }

        if (!UnknownLocal.TryParse(options.UnknownLocal, out _))
        {
            yield return $"Rewrite:UnknownLocal is \"{options.UnknownLocal}\"; write Reject, Qualify, or an address with its domain";
        }

        if (options.RedirectAllTo.Length > 0 && !MailboxParser.TryParse(options.RedirectAllTo, out _))
        {
            yield return $"Rewrite:RedirectAllTo is \"{options.RedirectAllTo}\", which is not an address; write one such as tests@example.net";
        }

        if (options.AlwaysBcc.Length > 0 && !MailboxParser.TryParse(options.AlwaysBcc, out _))
        {
            yield return $"Rewrite:AlwaysBcc is \"{options.AlwaysBcc}\", which is not an address; write one such as archive@example.net";
        }
    }
}
