using System.Net;
using System.Net.Sockets;
using RelayProxy.Mail;

namespace RelayProxy.Upstream;

/// <summary>
/// What we call ourselves in EHLO: a fully qualified name, or our address in brackets where the host has none (RFC 5321 §4.1.4). Never
/// <c>localhost</c>, which says nothing and which some smarthosts refuse.
/// </summary>
internal static class HeloName
{
    /// <param name="configured"><see cref="SmarthostOptions.HeloName"/>.</param>
    /// <param name="hostName">This host's own name: <see cref="HostIdentity.FullyQualifiedName"/>.</param>
    /// <param name="localAddress">Our end of the connection, where it has one.</param>
    public static string Choose(string configured, string hostName, IPAddress? localAddress)
    {
        if (configured.Length > 0)
        {
            return configured;
        }

        return IsQualified(hostName) ? hostName : Literal(localAddress ?? IPAddress.Loopback);
    }

    /// <summary>RFC 5321 §4.1.3.</summary>
    private static string Literal(IPAddress address)
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

    private static bool IsQualified(string name) =>
        name.Contains('.', StringComparison.Ordinal)
        && System.Text.Ascii.IsValid(name)
        && !name.StartsWith("localhost.", StringComparison.OrdinalIgnoreCase)
        && !name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
}
