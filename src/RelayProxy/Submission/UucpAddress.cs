namespace RelayProxy.Submission;

/// <summary>
/// Addresses of UUCP, which name the way: <c>relay!host!user</c> is <c>user</c> at <c>host</c>, whom <c>relay</c> can reach. Here they become what
/// the rest of the world writes (RFC 976), since mail goes to a smarthost and never back by the way it came. The domain nearest to the user is where
/// he is: <c>relay!example.net!user</c> is <c>user@example.net</c>, and <c>example.net!host!user</c> is <c>host!user@example.net</c>. Names without a
/// dot are known to this machine only, so a way of such names is the name of somebody here (<c>host!user</c>), and gets the domain that those get:
/// <c>user@host</c> would get it too, and be somebody else. What has an <c>@</c> is an address already.
/// </summary>
internal static class UucpAddress
{
    private const string ReturnsOfUucp = "MAILER-DAEMON";

    /// <param name="way">With <c>!</c> between its stations and before the user, or just an address.</param>
    public static string ToInternet(string way)
    {
        string[] stations = way.Split('!', StringSplitOptions.RemoveEmptyEntries);
        if (stations is [.., var user] && user.Contains('@', StringComparison.Ordinal))
        {
            return user;
        }

        int domain = stations.Length < 2 ? -1 : Array.FindLastIndex(stations, stations.Length - 2, station => station.Contains('.', StringComparison.Ordinal));
        return domain >= 0
            ? $"{string.Join('!', stations[(domain + 1)..])}@{stations[domain]}"
            : string.Join('!', stations);
    }

    /// <summary>Who gets what cannot be delivered. Programs that send by UUCP have no null sender and put a name in its place.</summary>
    /// <returns>Empty for the null sender.</returns>
    public static string ToSender(string way)
    {
        string user = way[(way.LastIndexOf('!') + 1)..];
        return user is "" or "<>" || user.Equals(ReturnsOfUucp, StringComparison.OrdinalIgnoreCase) ? "" : ToInternet(way);
    }
}
