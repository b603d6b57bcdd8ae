namespace RelayProxy.Submission;

/// <summary>
/// Addresses of UUCP, which name the way: <c>relay!host!user</c> is <c>user</c> at <c>host</c>, whom <c>relay</c> can reach. Here they become what
/// the rest of the world writes (RFC 976), since mail goes to a smarthost and never back by the way it came:
/// <c>host!user</c> is <c>user@host</c>; so is the end of a longer way if it is a domain (<c>relay!example.net!user</c>); where it is the bare name of a
/// neighbour's neighbour, only the first on the way knows it: <c>host!user@relay</c>. What has an <c>@</c> is an address already, and how it came does not matter.
/// </summary>
internal static class UucpAddress
{
    private const string ReturnsOfUucp = "MAILER-DAEMON";

    /// <param name="way">With <c>!</c> between its stations and before the user, or just an address.</param>
    public static string ToInternet(string way)
    {
        string[] stations = way.Split('!', StringSplitOptions.RemoveEmptyEntries);
        return stations switch
        {
            [] => "",
            [.., var user] when user.Contains('@', StringComparison.Ordinal) => user,
            [var user] => user,
            [var host, var user] => $"{user}@{host}",
            [.., var host, var user] when host.Contains('.', StringComparison.Ordinal) => $"{user}@{host}",
            [var first, .. var rest] => $"{string.Join('!', rest)}@{first}",
        };
    }

    /// <summary>Who gets what cannot be delivered. Programs that send by UUCP have no null sender and put a name in its place.</summary>
    /// <returns>Empty for the null sender.</returns>
    public static string ToSender(string way)
    {
        string user = way[(way.LastIndexOf('!') + 1)..];
        return user is "" or "<>" || user.Equals(ReturnsOfUucp, StringComparison.OrdinalIgnoreCase) ? "" : ToInternet(way);
    }
}
