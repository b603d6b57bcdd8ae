namespace RelayProxy.Configuration.Import;

/// <summary>
/// Postfix: main.cf (or what <c>postconf -n</c> prints) and the tables that it names, from their sources, not from the .db files. What concerns
/// mail that leaves, names and this machine's own mailboxes is taken over; a server for other machines this relay is not.
/// </summary>
internal static class PostfixImport
{
    private static readonly Dictionary<string, Action<PostfixParameter, ImportDraft>> s_parameters = new(StringComparer.Ordinal)
    {
        ["always_bcc"] = Text("Rewrite:AlwaysBcc"),
        ["smtp_helo_name"] = Text("Smarthost:HeloName"),
        ["mail_spool_directory"] = Text("Local:MboxFolder"),
        ["message_size_limit"] = PostfixLimits.MessageSize,
        ["maximal_queue_lifetime"] = PostfixLimits.TimeOf("Queue:GiveUpAfter", 'd'),
        ["delay_warning_time"] = PostfixLimits.TimeOf("Queue:DelayNoticeAfter", 'h'),
        ["minimal_backoff_time"] = PostfixLimits.TimeOf("Delivery:FirstRetry", 's'),
        ["maximal_backoff_time"] = PostfixLimits.TimeOf("Delivery:MaxRetry", 's'),
        ["smtp_connect_timeout"] = PostfixLimits.TimeOf("Smarthost:ConnectTimeout", 's'),
        ["inet_interfaces"] = Interfaces,
        ["mynetworks"] = Networks,
        ["mynetworks_style"] = Networks,
        ["smtp_tls_CApath"] = (parameter, draft) => draft.Dropped(parameter.Line, $"{parameter}: the system's authorities are trusted"),
        ["smtp_address_preference"] = Needless,
        ["smtp_dns_support_level"] = Needless,
        ["smtpd_relay_restrictions"] = Needless,
        ["smtpd_recipient_restrictions"] = Needless,
        ["smtpd_banner"] = Needless,
        ["biff"] = Needless,
        ["append_dot_mydomain"] = Needless,
        ["readme_directory"] = Needless,
        ["html_directory"] = Needless,
        ["sample_directory"] = Needless,
        ["manpage_directory"] = Needless,
        ["compatibility_level"] = Needless,
        ["alias_database"] = Needless,
        ["mailbox_size_limit"] = Needless,
        ["mailbox_command"] = Needless,
        ["inet_protocols"] = Needless,
        ["recipient_delimiter"] = Needless,
        ["data_directory"] = Needless,
        ["queue_directory"] = Needless,
        ["command_directory"] = Needless,
        ["daemon_directory"] = Needless,
        ["mail_owner"] = Needless,
        ["setgid_group"] = Needless,
        ["sendmail_path"] = Needless,
        ["newaliases_path"] = Needless,
        ["mailq_path"] = Needless,
        ["unknown_local_recipient_reject_code"] = Needless,
        ["debug_peer_level"] = Needless,
        ["debugger_command"] = Needless,
        ["mydomain"] = Needless,
    };

    public static void Read(ImportFiles files, ImportDraft draft)
    {
        var parameters = PostfixParameters.Read(files.Require("main.cf"));
        var done = new HashSet<string>(StringComparer.Ordinal);
        PostfixTransport.Read(parameters, files, draft, done);
        PostfixNames.Read(parameters, files, draft, done);
        PostfixLocal.Read(parameters, draft, done);
        foreach (PostfixParameter parameter in parameters.Overridden)
        {
            draft.Dropped(parameter.Line, $"{parameter}: it is set again below");
        }

        foreach (PostfixParameter parameter in parameters.All.Where(parameter => !done.Contains(parameter.Name)))
        {
            PostfixParameter expanded = parameters.Expanded(parameter);
            if (s_parameters.TryGetValue(parameter.Name, out Action<PostfixParameter, ImportDraft>? take))
            {
                take(expanded, draft);
            }
            else if (parameter.Name.StartsWith("smtpd_tls_", StringComparison.Ordinal) || parameter.Name.Contains("_session_cache_", StringComparison.Ordinal))
            {
                Needless(parameter, draft);
            }
            else if (expanded.Value.Length == 0)
            {
                draft.Dropped(parameter.Line, $"{parameter}: it is empty");
            }
            else
            {
                draft.Impossible(parameter.Line, $"{parameter}: it has no equivalent");
            }
        }
    }

    private static Action<PostfixParameter, ImportDraft> Text(string key) => (parameter, draft) => draft.Keep(parameter.Line, parameter.Name, key, parameter.Value);

    private static void Needless(PostfixParameter parameter, ImportDraft draft) => draft.Dropped(parameter.Line, $"{parameter}: nothing here needs it");

    private static void Interfaces(PostfixParameter parameter, ImportDraft draft)
    {
        if (parameter.Items.All(item => item is "loopback-only" or "localhost" or "127.0.0.1" or "[::1]" or "::1"))
        {
            draft.Kept(parameter.Line, $"{parameter}: that is how it is here");
        }
        else
        {
            draft.Impossible(parameter.Line, $"{parameter}: it listens on loopback only; Listener:Endpoints with Listener:AllowNonLoopback and "
                + "Listener:AllowedNetworks says otherwise");
        }
    }

    private static void Networks(PostfixParameter parameter, ImportDraft draft)
    {
        if (parameter.Items.All(item => item is "host" || item.Contains("127.0.0.", StringComparison.Ordinal) || item.StartsWith("[::1]", StringComparison.Ordinal)))
        {
            draft.Kept(parameter.Line, $"{parameter}: that is how it is here");
        }
        else
        {
            draft.Impossible(parameter.Line, $"{parameter}: mail is taken from this machine only; Listener:AllowedNetworks says otherwise");
        }
    }
}
