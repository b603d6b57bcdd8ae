using RelayProxy.Mail;

namespace RelayProxy.Configuration.Import;

/// <summary>
/// Exim as Debian configures it: update-exim4.conf.conf, passwd.client, exim4.conf.localmacros in /etc/exim4, and /etc/email-addresses and
/// /etc/mailname, which have to be named where they are not in the same folder.
/// </summary>
internal static class EximImport
{
    public static void Read(ImportFiles files, ImportDraft draft)
    {
        var values = new Dictionary<string, (string Value, ImportLine Line)>(StringComparer.Ordinal);
        foreach (ImportLine line in ImportFiles.Lines(files.Require("update-exim4.conf.conf")))
        {
            string[] parts = line.Text.Split('=', 2, StringSplitOptions.TrimEntries);
            values[parts[0]] = (parts.Length > 1 ? parts[1].Trim('\'', '"') : "", line);
        }

        string type = values.TryGetValue("dc_eximconfig_configtype", out var configured) ? configured.Value : "";
        EximTransport.Read(values, files, draft);
        foreach ((string name, (string value, ImportLine line)) in values)
        {
            Take(name, value, line, type, values, draft);
        }

        if (files.Find("mailname") is { } mailName && MailName.Read(mailName) is { } origin)
        {
            draft.Keep(new ImportLine(mailName, 1, origin), "mailname", "Rewrite:Origin", origin);
        }

        if (files.Find("email-addresses") is { } addresses)
        {
            foreach (ImportLine line in ImportFiles.Lines(addresses))
            {
                draft.Add("Rewrite:SenderMap", string.Join(' ', line.Text.Split(':', 2, StringSplitOptions.TrimEntries)));
                draft.Kept(line, $"{line.Text} → Rewrite:SenderMap");
            }
        }
    }

    private static void Take(
        string name, string value, ImportLine line, string type, Dictionary<string, (string Value, ImportLine Line)> values, ImportDraft draft)
    {
        switch (name)
        {
            case "dc_eximconfig_configtype":
                TakeType(line, type, draft);
                break;
            case "dc_smarthost":
                break;
            case "dc_other_hostnames" when Items(value).Length > 0:
                draft.Set("Rewrite:LocalDomains", SettingValue.List(Items(value)));
                draft.Kept(line, $"{name}='{value}' → Rewrite:LocalDomains");
                break;
            case "dc_local_interfaces":
                TakeInterfaces(line, value, draft);
                break;
            case "dc_readhost" when value.Length > 0 && type == "satellite":
                draft.Keep(line, name, "Rewrite:Origin", value);
                break;
            case "dc_readhost" when value.Length > 0 && values.TryGetValue("dc_hide_mailname", out var hide) && hide.Value == "true":
                draft.Keep(line, name, "Rewrite:Masquerade", value);
                break;
            case "dc_hide_mailname":
                draft.Kept(line, $"{name}='{value}' → Rewrite:Masquerade");
                break;
            case "dc_localdelivery" when type != "satellite":
                TakeLocalDelivery(line, value, draft);
                break;
            case "dc_relay_domains" or "dc_relay_nets" when value.Length > 0:
                draft.Impossible(line, $"{name}='{value}': this relay is for the machine it runs on");
                break;
            case "dc_other_hostnames" or "dc_readhost" or "dc_localdelivery" or "dc_relay_domains" or "dc_relay_nets" or "dc_minimaldns" or "CFILEMODE"
                or "dc_use_split_config" or "dc_mailname_in_oh":
                draft.Dropped(line, $"{name}='{value}': nothing here needs it");
                break;
            default:
                draft.Impossible(line, $"{name}='{value}': it has no equivalent");
                break;
        }
    }

    private static void TakeType(ImportLine line, string type, ImportDraft draft)
    {
        switch (type)
        {
            case "smarthost":
                draft.Kept(line, "dc_eximconfig_configtype='smarthost': what is not for this machine goes to the smarthost");
                break;
            case "satellite":
                ImportedSmarthost.SetNullClient(draft);
                draft.Kept(line, "dc_eximconfig_configtype='satellite': all goes to the smarthost (Rewrite:UnknownLocal = Qualify)");
                break;
            default:
                draft.Impossible(line, $"dc_eximconfig_configtype='{type}': no smarthost; name one as Smarthost:Host");
                break;
        }
    }

    private static void TakeInterfaces(ImportLine line, string value, ImportDraft draft)
    {
        if (Items(value).All(item => item is "127.0.0.1" or "::1"))
        {
            draft.Kept(line, $"dc_local_interfaces='{value}': that is how it is here");
        }
        else
        {
            draft.Impossible(line, $"dc_local_interfaces='{value}': it listens on port 25 of loopback only; Listener:Endpoints says otherwise");
        }
    }

    private static void TakeLocalDelivery(ImportLine line, string value, ImportDraft draft)
    {
        string? mailbox = value switch { "mail_spool" or "" => "Mbox", "maildir_home" => "Maildir", _ => null };
        if (mailbox is null)
        {
            draft.Impossible(line, $"dc_localdelivery='{value}': there are Mbox, Maildir and Lmtp (Local:Delivery)");
        }
        else
        {
            draft.Keep(line, "dc_localdelivery", "Local:Delivery", mailbox);
        }
    }

    private static string[] Items(string value) => value.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
