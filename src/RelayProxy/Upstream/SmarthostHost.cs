using System.Globalization;
using System.Net;
using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Upstream;

/// <summary>The smarthost's name in the one form that DNS, SNI and certificates use.</summary>
internal static class SmarthostHost
{
    /// <summary>Of a name in the DNS (RFC 1035 §2.3.4), as text.</summary>
    private const int MaxLength = 253;

    /// <summary>Without brackets and trailing dot, an internationalised name as its A-labels (RFC 5891); as it is where it has no such
    /// form.</summary>
    public static string Normalize(string host)
    {
        host = host.Trim().TrimEnd('.');
        if (host is ['[', .. string inner, ']'] && IPAddress.TryParse(inner, out _))
        {
            return inner;
        }

        if (Ascii.IsValid(host))
        {
            return host;
        }

        try
        {
            return new IdnMapping().GetAscii(host);
        }
        catch (ArgumentException)
        {
            return host;
        }
    }

    /// <summary><c>smtp.example.net:465</c>, <c>[2001:db8::1]:465</c>: its name in logs, history and metrics.</summary>
    public static string Label(SmarthostOptions options)
    {
        string host = Normalize(options.Host);
        return host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{options.Port}" : $"{host}:{options.Port}";
    }

    /// <summary>Whether it can be looked up or dialled.</summary>
    /// <param name="host">Normalized.</param>
    public static bool IsName(string host) =>
        (host.Length <= MaxLength && DomainParser.IsWhole(Encoding.UTF8.GetBytes(host))) || IPAddress.TryParse(host, out _);

    /// <summary>Whether it can only be this machine.</summary>
    public static bool IsLoopback(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
}
