using System.Net;
using System.Net.Sockets;

namespace RelayProxy.Upstream;

/// <summary>
/// What we call ourselves in EHLO: a fully qualified name, or our address in brackets where the host has none (RFC 5321 §4.1.4). Never
/// <c>localhost</c>, which says nothing and which some smarthosts refuse.
/// </summary>
internal static class HeloName
{
    private static readonly Lazy<Task<string?>> s_hostName = new(() => FindAsync(Dns.GetHostName()));

    /// <param name="configured"><see cref="SmarthostOptions.HeloName"/>.</param>
    /// <param name="localAddress">Our end of the connection, where it has one.</param>
    public static async ValueTask<string> ChooseAsync(string configured, IPAddress? localAddress, CancellationToken cancellationToken)
    {
        if (configured.Length > 0)
        {
            return configured;
        }

        return await s_hostName.Value.WaitAsync(cancellationToken) ?? Literal(localAddress ?? IPAddress.Loopback);
    }

    /// <summary>RFC 5321 §4.1.3.</summary>
    public static string Literal(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
        {
            address = address.MapToIPv4();
        }

        // A scope (fe80::1%eth0) means nothing to anyone else.
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"[IPv6:{new IPAddress(address.GetAddressBytes())}]"
            : $"[{address}]";
    }

    public static bool IsQualified(string name) =>
        name.Contains('.', StringComparison.Ordinal)
        && !name.StartsWith("localhost.", StringComparison.OrdinalIgnoreCase)
        && !name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        && Uri.CheckHostName(name) == UriHostNameType.Dns;

    private static async Task<string?> FindAsync(string hostName)
    {
        if (IsQualified(hostName))
        {
            return hostName;
        }

        try
        {
            string name = (await Dns.GetHostEntryAsync(hostName)).HostName.TrimEnd('.');
            return IsQualified(name) ? name : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }
}
