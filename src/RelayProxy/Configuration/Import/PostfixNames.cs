using RelayProxy.Mail;
using RelayProxy.Rewrite;

namespace RelayProxy.Configuration.Import;

/// <summary>What this machine is called, and the tables that give addresses other names.</summary>
internal static class PostfixNames
{
    private static readonly (string Parameter, string Key)[] s_maps =
    [
        ("sender_canonical_maps", "Rewrite:SenderMap"),
        ("canonical_maps", "Rewrite:CanonicalMap"),
        ("smtp_generic_maps", "Rewrite:GenericMap"),
        ("recipient_canonical_maps", "Rewrite:RecipientMap"),
        ("virtual_alias_maps", "Rewrite:RecipientMap"),
    ];

    public static void Read(PostfixParameters parameters, ImportFiles files, ImportDraft draft, HashSet<string> done)
    {
        done.UnionWith(["myhostname", "myorigin", "mydestination", "masquerade_domains", "masquerade_exceptions", "masquerade_classes"]);
        done.UnionWith(s_maps.Select(map => map.Parameter));
        ReadHost(parameters, files, draft);
        ReadMasquerade(parameters, draft);
        foreach ((string name, string key) in s_maps)
        {
            if (parameters.Find(name) is { Value.Length: > 0 } parameter)
            {
                ReadMap(parameter, key, files, draft);
            }
        }
    }

    private static void ReadHost(PostfixParameters parameters, ImportFiles files, ImportDraft draft)
    {
        if (parameters.Find("myhostname") is { } host)
        {
            draft.Set("Smarthost:HeloName", host.Value);
            draft.Keep(host.Line, host.Name, "Intake:HostName", host.Value);
        }

        if (parameters.Find("myorigin") is { } origin)
        {
            string? name = origin.Value.StartsWith('/') ? MailName.Read(files.Follow(origin.Value) ?? origin.Value) : origin.Value;
            if (name is null)
            {
                draft.Impossible(origin.Line, $"{origin}: there is no name in it");
            }
            else
            {
                draft.Keep(origin.Line, origin.Name, "Rewrite:Origin", name);
            }
        }
        else if (parameters.Text("myhostname") is { Length: > 0 } name)
        {
            draft.Set("Rewrite:Origin", name);
        }

        if (parameters.Find("mydestination") is { } destination)
        {
            foreach (string domain in destination.Items.Where(item => item.Contains('.', StringComparison.Ordinal) && !item.Contains(':', StringComparison.Ordinal)).Distinct())
            {
                draft.Add("Rewrite:LocalDomains", domain);
            }

            draft.Kept(destination.Line, $"{destination} → Rewrite:LocalDomains");
        }
    }

    private static void ReadMasquerade(PostfixParameters parameters, ImportDraft draft)
    {
        if (parameters.Find("masquerade_domains") is not { Items.Count: > 0 } domains)
        {
            return;
        }

        draft.Set("Rewrite:MasqueradeDomains", SettingValue.List(domains.Items));
        draft.Kept(domains.Line, $"{domains} → Rewrite:MasqueradeDomains");
        if (parameters.Find("masquerade_exceptions") is { Items.Count: > 0 } exceptions)
        {
            draft.Set("Rewrite:MasqueradeExceptions", SettingValue.List(exceptions.Items));
            draft.Kept(exceptions.Line, $"{exceptions} → Rewrite:MasqueradeExceptions");
        }

        PostfixParameter? given = parameters.Find("masquerade_classes");
        IReadOnlyList<string> classes = given?.Items ?? ["envelope_sender", "header_sender", "header_recipient"];
        bool envelope = classes.Contains("envelope_sender");
        bool header = classes.Contains("header_sender");
        string scope = (envelope, header) switch { (true, false) => "Envelope", (false, true) => "Header", _ => "Both" };
        draft.Set("Rewrite:MasqueradeScope", scope);
        draft.Set("Rewrite:MasqueradeRecipients", classes.Contains("header_recipient") ? "true" : "false");
        if (given is not null)
        {
            draft.Kept(given.Line, $"{given} → Rewrite:MasqueradeScope = {scope}, Rewrite:MasqueradeRecipients");
        }

        if (classes.Contains("envelope_recipient"))
        {
            draft.Impossible(given!.Line, "masquerade_classes envelope_recipient: recipients of the envelope are not masqueraded");
        }
    }

    private static void ReadMap(PostfixParameter parameter, string key, ImportFiles files, ImportDraft draft)
    {
        List<ImportLine> lines = PostfixTables.Lines(parameter, files, draft);
        foreach (ImportLine line in lines)
        {
            if (AddressMapLine.TryParse(line.Text, out _, out string? trouble))
            {
                draft.Add(key, line.Text);
                draft.Kept(line, $"{line.Text} → {key}");
            }
            else
            {
                draft.Impossible(line, $"{line.Text}: it {trouble}");
            }
        }

        if (lines.Count > 0)
        {
            draft.Kept(parameter.Line, $"{parameter} → {key}");
        }
    }
}
