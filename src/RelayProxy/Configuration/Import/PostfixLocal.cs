namespace RelayProxy.Configuration.Import;

/// <summary>Mail that stays on the machine: aliases and mailboxes.</summary>
internal static class PostfixLocal
{
    public static void Read(PostfixParameters parameters, ImportDraft draft, HashSet<string> done)
    {
        done.UnionWith(["alias_maps", "home_mailbox", "luser_relay", "mailbox_transport", "local_transport"]);
        bool isNullClient = parameters.Find("mydestination") is { Value.Length: 0 }
            || parameters.Text("local_transport").StartsWith("error:", StringComparison.Ordinal);
        if (isNullClient)
        {
            ImportedSmarthost.SetNullClient(draft);
        }
        else
        {
            draft.Set("Local:Delivery", "Mbox");
        }

        if (parameters.Find("local_transport") is { Value.Length: > 0 } transport)
        {
            (isNullClient ? (Action<ImportLine, string>)draft.Kept : draft.Impossible)(transport.Line, isNullClient
                ? $"{transport}: nothing stays on this machine"
                : $"{transport}: it has no equivalent");
        }

        ReadAliases(parameters, isNullClient, draft);
        if (parameters.Find("home_mailbox") is { Value.Length: > 0 } home)
        {
            if (home.Value.EndsWith('/'))
            {
                draft.Set("Local:Delivery", "Maildir");
                draft.Keep(home.Line, home.Name, "Local:Maildir", "~/" + home.Value.TrimEnd('/'));
            }
            else
            {
                draft.Impossible(home.Line, $"{home}: an mbox is in Local:MboxFolder, not in the user's home");
            }
        }

        if (parameters.Find("mailbox_transport") is { Value.Length: > 0 } mailbox)
        {
            ReadMailboxTransport(mailbox, draft);
        }

        // As it is written: $user would be gone from the value.
        if (parameters.All.FirstOrDefault(parameter => parameter.Name == "luser_relay") is { Value.Length: > 0 } relay)
        {
            if (relay.Value.Contains('$', StringComparison.Ordinal))
            {
                draft.Impossible(relay.Line, $"{relay}: Rewrite:UnknownLocal is one address for all");
            }
            else
            {
                draft.Keep(relay.Line, relay.Name, "Rewrite:UnknownLocal", relay.Value);
            }
        }
    }

    private static void ReadAliases(PostfixParameters parameters, bool isNullClient, ImportDraft draft)
    {
        if (parameters.Find("alias_maps") is not { Items.Count: > 0 } maps)
        {
            return;
        }

        if (isNullClient)
        {
            draft.Dropped(maps.Line, $"{maps}: nothing is local, so no alias was looked up");
            return;
        }

        for (int i = 0; i < maps.Items.Count; i++)
        {
            string path = maps.Items[i][(maps.Items[i].IndexOf(':', StringComparison.Ordinal) + 1)..];
            if (i == 0 && path.StartsWith('/'))
            {
                draft.Keep(maps.Line, maps.Name, "Rewrite:AliasFile", path);
            }
            else
            {
                draft.Impossible(maps.Line, $"alias_maps {maps.Items[i]}: there is one file of aliases; :include: it there");
            }
        }
    }

    private static void ReadMailboxTransport(PostfixParameter parameter, ImportDraft draft)
    {
        string[] parts = parameter.Value.Split(':', 2);
        string where = parts.Length > 1 ? parts[1] : "";
        if (parts[0] == "lmtp" && where.StartsWith("unix:", StringComparison.Ordinal))
        {
            string path = where["unix:".Length..];
            draft.Set("Local:Delivery", "Lmtp");
            draft.Keep(parameter.Line, parameter.Name, "Local:Lmtp",
                "unix:" + (path.StartsWith('/') ? path : $"/var/spool/postfix/{path}"));
        }
        else
        {
            draft.Impossible(parameter.Line, $"{parameter}: of transports for mailboxes there is LMTP over a Unix socket");
        }
    }
}
