using System.Buffers;

namespace RelayProxy.Configuration.Import;

/// <summary>msmtp: the account that <c>account default</c> names, else the first, with the defaults above it.</summary>
internal static class MsmtpImport
{
    /// <summary>What means something to a shell.</summary>
    private static readonly SearchValues<char> s_metacharacters = SearchValues.Create("|&;<>()$`\\*?[]#~%");

    public static void Read(ImportFiles files, ImportDraft draft)
    {
        string path = files.Find("msmtprc") ?? files.Find(".msmtprc") ?? files.Require("msmtprc");
        var account = MsmtpAccount.Read(path, draft);
        MsmtpTransport.Read(account, draft);
        foreach (MsmtpCommand command in account.Commands)
        {
            Take(command, draft);
        }

        foreach (MsmtpCommand command in account.Overridden)
        {
            draft.Dropped(command.Line, $"{command}: it is set again below");
        }

        // msmtp is a client: whatever it is given leaves this machine.
        bool hasAliases = draft.Has("Rewrite:AliasFile");
        if (!hasAliases)
        {
            draft.Set("Rewrite:AliasFile", "");
        }

        draft.Set("Rewrite:UnknownLocal", "Qualify");
    }

    private static void Take(MsmtpCommand command, ImportDraft draft)
    {
        (string name, string value, ImportLine line) = command;
        switch (name)
        {
            case "user":
                draft.Keep(line, name, "Smarthost:Username", value);
                break;
            case "password":
                draft.SetPassword(value);
                draft.Kept(line, "password → Smarthost:PasswordFile");
                break;
            case "passwordeval":
                // msmtp gives it to a shell; here there is none unless it is asked for.
                draft.Keep(line, name, "Smarthost:PasswordCommand", value.AsSpan().ContainsAny(s_metacharacters) ? InShell(value) : value);
                break;
            case "from" when value.Contains('%', StringComparison.Ordinal):
                draft.Impossible(line, $"from {value} → Rewrite:Masquerade takes an address without patterns");
                break;
            case "from":
                draft.Set("Rewrite:ForceSender", value);
                draft.Changed(line, $"from {value} → Rewrite:ForceSender; the From field gets it too, and the old one goes to Reply-To");
                break;
            case "allow_from_override" or "set_from_header":
                draft.Dropped(line, $"{name} {value} → Rewrite:ForceSender and Rewrite:AllowedSenders say who may be the sender");
                break;
            case "maildomain":
                draft.Keep(line, name, "Rewrite:Origin", value);
                break;
            case "aliases":
                draft.Keep(line, name, "Rewrite:AliasFile", value);
                break;
            case "domain":
                draft.Keep(line, name, "Smarthost:HeloName", value);
                break;
            case "timeout" when value is not "off":
                draft.Keep(line, name, "Smarthost:ConnectTimeout", value + "s");
                break;
            case "add_missing_from_header" or "add_missing_date_header":
                draft.Keep(line, name, name == "add_missing_date_header" ? "Intake:AddDate" : "Intake:AddFrom", value == "off" ? "false" : "true");
                break;
            case "remove_bcc_headers":
                draft.Keep(line, name, "Intake:RemoveBcc", value == "off" ? "false" : "true");
                break;
            case "logfile" or "syslog" or "logfile_time_format" or "protocol" or "auto_from" or "timeout" or "undisclosed_recipients" or "tls_min_dh_prime_bits"
                or "tls_priorities" or "keepbcc" or "eval":
                draft.Dropped(line, $"{name} {value}: nothing here needs it");
                break;
            default:
                draft.Impossible(line, $"{command}: it has no equivalent");
                break;
        }
    }

    private static string InShell(string command) => command.Contains('\'', StringComparison.Ordinal)
        ? $"/bin/sh -c \"{command}\""
        : $"/bin/sh -c '{command}'";
}
