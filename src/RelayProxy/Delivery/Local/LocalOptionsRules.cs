namespace RelayProxy.Delivery.Local;

/// <summary>What the settings of local delivery must not say.</summary>
internal static class LocalOptionsRules
{
    /// <summary>One sentence for each broken rule; it begins with the setting's key and ends with the way out.</summary>
    public static IEnumerable<string> Broken(LocalOptions options)
    {
        if (!Path.IsPathRooted(options.MboxFolder))
        {
            yield return $"Local:MboxFolder is \"{options.MboxFolder}\", which is not a whole path; write one such as /var/mail";
        }

        if (!options.Maildir.StartsWith("~/", StringComparison.Ordinal) && !(Path.IsPathRooted(options.Maildir) && options.Maildir.Contains("%u", StringComparison.Ordinal)))
        {
            yield return $"Local:Maildir is \"{options.Maildir}\", which does not give each user a folder of his own; write ~/Maildir, or a whole "
                + "path with %u for the user's name in it";
        }

        if (options.Delivery == LocalMailbox.Lmtp && options.Lmtp.Length == 0)
        {
            yield return "Local:Lmtp is not set, and Local:Delivery is Lmtp; say where the server listens: unix:/run/dovecot/lmtp, 127.0.0.1:24";
        }
        else if (options.Lmtp.Length > 0 && !LmtpEndpoint.TryParse(options.Lmtp, out _))
        {
            yield return $"Local:Lmtp is \"{options.Lmtp}\", which is no address; write one such as unix:/run/dovecot/lmtp, 127.0.0.1:24 or [::1]:24";
        }

        foreach (string user in options.Users.Where(user => !SystemUsers.IsName(user)))
        {
            yield return $"Local:Users holds \"{user}\", which cannot be a user's name; write names as in passwd, without a domain";
        }

        if (!SystemUsers.IsName(options.CommandUser))
        {
            yield return $"Local:CommandUser is \"{options.CommandUser}\", which cannot be a user's name; write one such as nobody";
        }
    }
}
