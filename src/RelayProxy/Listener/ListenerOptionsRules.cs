using System.Globalization;
using System.Net;

namespace RelayProxy.Listener;

/// <summary>What must hold of the <c>Listener</c> settings that concern connections. Each broken rule is told with its key, its value and
/// the way out.</summary>
internal static class ListenerOptionsRules
{
    /// <summary>One sentence for each broken rule; it begins with the setting's key and ends with the way out.</summary>
    public static IEnumerable<string> Broken(ListenerOptions options)
    {
        var problems = new List<string>();
        CheckEndpoints(options, problems);
        CheckNetworks(options, problems);
        CheckUsers("Listener:AllowedUsers", options.AllowedUsers, problems);
        CheckUsers("Listener:DeniedUsers", options.DeniedUsers, problems);
        if (!TryParseMode(options.UnixSocketMode, out _))
        {
            problems.Add($"Listener:UnixSocketMode is \"{options.UnixSocketMode}\"; write three octal digits, for example 0660");
        }

        CheckCount("Listener:MaxConnections", options.MaxConnections, problems);
        CheckCount("Listener:MaxConnectionsPerPeer", options.MaxConnectionsPerPeer, problems);
        return problems;
    }

    /// <summary>What is no fault, for users come and go, and may not be as somebody thinks it is: names that nobody has.</summary>
    public static IEnumerable<string> Doubtful(ListenerOptions options) =>
    [
        .. Unknown("Listener:AllowedUsers", options.AllowedUsers, "nobody is let in by it"),
        .. Unknown("Listener:DeniedUsers", options.DeniedUsers, "nobody is kept out by it"),
    ];

    /// <summary>Octal permissions, <c>0600</c> or <c>660</c>.</summary>
    public static bool TryParseMode(string text, out UnixFileMode mode)
    {
        mode = default;
        if (text.Length is < 3 or > 4 || text.AsSpan().ContainsAnyExceptInRange('0', '7') || (text.Length == 4 && text[0] != '0'))
        {
            return false;
        }

        foreach (char digit in text)
        {
            mode = (UnixFileMode)(((int)mode << 3) | (digit - '0'));
        }

        return true;
    }

    /// <summary>As <see cref="IPAddress.IsLoopback"/>, all of 127/8 in its IPv6 form included.</summary>
    public static bool IsLoopback(IPAddress address) =>
        IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static void CheckEndpoints(ListenerOptions options, List<string> problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string text in ListenerEndpoint.Split(options.Endpoints))
        {
            if (!ListenerEndpoint.TryParse(text, out ListenerEndpoint? endpoint, out string problem))
            {
                problems.Add($"Listener:Endpoints is \"{text}\", {problem}");
            }
            else if (endpoint is IpListenerEndpoint { Address: var address } && !IsLoopback(address.Address) && !options.AllowNonLoopback)
            {
                problems.Add(
                    $"Listener:Endpoints is \"{text}\", which is not loopback: whoever reaches it could send mail with your smarthost's password. "
                    + $"Use 127.0.0.1:{address.Port}; to serve other hosts set Listener:AllowNonLoopback=true and Listener:AllowedNetworks");
            }

            // Port 0 may come twice: each is another free port.
            if (!seen.Add(text) && !text.EndsWith(":0", StringComparison.Ordinal))
            {
                problems.Add($"Listener:Endpoints is \"{text}\" twice; name each once");
            }
        }
    }

    private static void CheckNetworks(ListenerOptions options, List<string> problems)
    {
        if (options.AllowNonLoopback && options.AllowedNetworks.Count == 0)
        {
            problems.Add(
                "Listener:AllowNonLoopback is true, and Listener:AllowedNetworks says of nobody that they may connect; "
                + "set it to the networks of your own hosts, for example 10.1.0.0/16");
        }

        foreach (string text in options.AllowedNetworks)
        {
            if (!IPNetwork.TryParse(text, out IPNetwork network))
            {
                problems.Add($"Listener:AllowedNetworks is \"{text}\", which is no network; write an address and a length: 10.1.0.0/16, fd00::/8");
            }
            else if (network.PrefixLength == 0)
            {
                problems.Add($"Listener:AllowedNetworks is \"{text}\": everybody. That would be an open relay; name the networks of your own hosts");
            }
        }
    }

    private static IEnumerable<string> Unknown(string key, IEnumerable<string> users, string effect) =>
        users.Where(user => UserEntry.Fault(user) is null && UserEntry.IsUnknown(user))
            .Select(user => $"{key} names \"{user}\", which this machine does not know: {effect}");

    private static void CheckUsers(string key, IEnumerable<string> users, List<string> problems)
    {
        foreach (string user in users)
        {
            if (UserEntry.Fault(user) is { } fault)
            {
                problems.Add($"{key} is \"{user}\", {fault}");
            }
        }
    }

    private static void CheckCount(string key, int value, List<string> problems)
    {
        if (value < 1)
        {
            problems.Add(string.Create(CultureInfo.InvariantCulture, $"{key} is {value}; it must be 1 or more"));
        }
    }
}
