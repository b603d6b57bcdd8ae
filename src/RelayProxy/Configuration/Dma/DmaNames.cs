using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Configuration.Dma;

/// <summary>Names: what this machine is called, whom mail is from, and what stays here.</summary>
internal static class DmaNames
{
    public static void Map(DmaDirectives directives, DmaReport report)
    {
        if (directives.Find("MAILNAME") is { } mailName)
        {
            MapMailName(mailName, report);
        }

        if (directives.Find("MASQUERADE") is { } masquerade)
        {
            report.Set(masquerade, "Rewrite:Masquerade", masquerade.Value);
        }

        DmaDirective? aliases = directives.Find("ALIASES");
        if (directives.Find("NULLCLIENT") is { } nullClient)
        {
            // No aliases, nothing stays here; a bare name gets the origin, for no smarthost knows what <root> is.
            report.Set(nullClient, "Rewrite:AliasFile", "");
            report.Set(nullClient, "Rewrite:UnknownLocal", "Qualify");
            report.Set(nullClient, "Local:Delivery", "None");
            if (aliases is not null)
            {
                report.Warn(aliases, "has no effect beside NULLCLIENT, neither with dma");
            }
        }
        else
        {
            report.Set(null, "Local:Delivery", "Mbox");
            if (aliases is not null)
            {
                report.Set(aliases, "Rewrite:AliasFile", aliases.Value);
            }
        }
    }

    private static void MapMailName(DmaDirective directive, DmaReport report)
    {
        string? name = directive.Value;
        if (name.StartsWith('/'))
        {
            report.Files.Add(name);
            name = MailName.Read(directive.Value);
            if (name is null)
            {
                report.Warn(directive, $"names {directive.Value}, which holds no name; this host's own is used, as by dma");
                return;
            }
        }
        else if (!DomainParser.IsWhole(Encoding.UTF8.GetBytes(name)))
        {
            report.Refuse(directive, $"is \"{name}\", which is not a domain; write one such as host.example.net, or /etc/mailname");
            return;
        }

        report.Set(directive, "Rewrite:Origin", name);
        report.Set(report.SourceOf(directive), "Rewrite:LocalDomains", SettingValue.List([name]));
        report.Set(directive, "Intake:HostName", name);
        if (name.Contains('.', StringComparison.Ordinal))
        {
            report.Set(directive, "Smarthost:HeloName", name);
        }
        else
        {
            report.Warn(directive, $"is {name}, which has no dot, and servers refuse such a name in EHLO; there this host's full name is said");
        }
    }
}
