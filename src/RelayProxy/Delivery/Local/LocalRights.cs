using RelayProxy.Queue;

namespace RelayProxy.Delivery.Local;

/// <summary>Whether this process may do what the settings of local delivery ask of it: found out at the start, and not with the first
/// message.</summary>
internal static class LocalRights
{
    /// <summary>One sentence for each right that is missing, with the way out.</summary>
    public static IEnumerable<string> Missing(LocalOptions options, AliasRights aliases) => options.Delivery switch
    {
        LocalMailbox.None or LocalMailbox.Lmtp => OfAliases(options, aliases),
        LocalMailbox.Mbox => [.. OfMboxes(options), .. OfAliases(options, aliases)],
        LocalMailbox.Maildir => [.. OfMaildirs(options), .. OfAliases(options, aliases)],
    };

    private static IEnumerable<string> OfMboxes(LocalOptions options)
    {
        string folder = options.MboxFolder;
        if (!Directory.Exists(folder))
        {
            yield return $"Local:Delivery is Mbox, and there is no folder {folder}: make it (install -d -o root -g mail -m 2775 {folder}), or "
                + "name another with Local:MboxFolder.";
        }
        else if (!Posix.MayWrite(folder) && !Posix.MayWrite(Path.Combine(folder, Environment.UserName)))
        {
            yield return $"Local:Delivery is Mbox, and uid {FileOwner.Ourselves} may not write in {folder}: run as root, or in the folder's group "
                + "(systemd: SupplementaryGroups=mail).";
        }
    }

    private static IEnumerable<string> OfMaildirs(LocalOptions options)
    {
        bool isOwn = options.Users.Count > 0 && options.Users.All(user => user == Environment.UserName);
        if (options.Maildir.StartsWith("~/", StringComparison.Ordinal) && !Identity.CanChange && !isOwn)
        {
            yield return $"Local:Delivery is Maildir, and uid {FileOwner.Ourselves} may not write in the homes of others: run as root, set Local:Maildir to "
                + $"a folder of the relay's own (/var/lib/mail/%u), or Local:Users to {Environment.UserName} alone.";
        }
    }

    private static IEnumerable<string> OfAliases(LocalOptions options, AliasRights aliases)
    {
        if ((aliases.Commands || aliases.Files) && Identity.CanChange && SystemUsers.Ask(options.CommandUser) is { User: null, Trouble: null })
        {
            yield return $"Aliases may name commands or files, and {options.CommandUser}, as whom they are run and written, is no user of this system: set "
                + "Local:CommandUser.";
        }
    }
}
