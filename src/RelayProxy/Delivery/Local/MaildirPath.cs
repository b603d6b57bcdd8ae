namespace RelayProxy.Delivery.Local;

/// <summary><c>Local:Maildir</c>, for one user.</summary>
internal static class MaildirPath
{
    /// <summary><c>null</c> if it begins in the user's home and the user has none.</summary>
    public static string? Of(string setting, LocalUser user)
    {
        string path = setting.Replace("%u", user.Name, StringComparison.Ordinal).TrimEnd('/');
        if (!path.StartsWith("~/", StringComparison.Ordinal))
        {
            return path;
        }

        return user.Home.Length > 1 ? user.Home.TrimEnd('/') + path[1..] : null;
    }
}
