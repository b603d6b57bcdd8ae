using System.Globalization;
using System.Net;
using System.Text;

namespace RelayProxy.Listener;

/// <summary>One place to listen at, as <see cref="ListenerOptions.Endpoints"/> writes it.</summary>
/// <param name="Text">As it was written.</param>
internal abstract record ListenerEndpoint(string Text)
{
    /// <summary>What sun_path holds, without its final NUL (unix(7)).</summary>
    private const int MaxUnixPathOctets = 107;

    /// <summary>What an empty list stands for.</summary>
    public static IReadOnlyList<ListenerEndpoint> Defaults { get; } =
    [
        new IpListenerEndpoint("127.0.0.1:25", new IPEndPoint(IPAddress.Loopback, 25)),
        new IpListenerEndpoint("[::1]:25", new IPEndPoint(IPAddress.IPv6Loopback, 25)),
    ];

    /// <summary>The endpoints of a setting: a list, or several in one string with commas between them.</summary>
    public static IEnumerable<string> Split(IEnumerable<string> endpoints) =>
        endpoints.SelectMany(static text => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    /// <param name="problem">What is wrong, and the way out: a sentence that goes on from <c>Listener:Endpoints is "…", </c>.</param>
    public static bool TryParse(string text, out ListenerEndpoint? endpoint, out string problem)
    {
        (endpoint, problem) = text switch
        {
            "systemd" => (InheritedListenerEndpoint.All, ""),
            _ when text.StartsWith("systemd:", StringComparison.Ordinal) => (new InheritedListenerEndpoint(text, text["systemd:".Length..]), ""),
            _ when text.StartsWith("unix:", StringComparison.Ordinal) => ParseUnix(text, text["unix:".Length..]),
            _ => ParseIp(text),
        };
        return endpoint is not null;
    }

    private static (ListenerEndpoint? Endpoint, string Problem) ParseUnix(string text, string path)
    {
        if (!path.StartsWith('/') || path.EndsWith('/') || path.Contains('\0', StringComparison.Ordinal))
        {
            return (null, "which is no absolute path of a file; write unix:/run/relayproxy/smtp.sock");
        }

        return Encoding.UTF8.GetByteCount(path) > MaxUnixPathOctets
            ? (null, $"a path of more than the {MaxUnixPathOctets} octets that a socket can have; choose a shorter one")
            : (new UnixListenerEndpoint(text, path), "");
    }

    private static (ListenerEndpoint? Endpoint, string Problem) ParseIp(string text)
    {
        int colon = text.LastIndexOf(':');
        string host = colon < 0 ? text : text[..colon];
        if (host.Contains(':', StringComparison.Ordinal) && !(host.StartsWith('[') && host.EndsWith(']')))
        {
            return (null, "which is ambiguous; an IPv6 address stands in brackets: [::1]:25");
        }

        IPAddress? address = host.Contains(':', StringComparison.Ordinal) && IPAddress.TryParse(host, out IPAddress? six) ? six : ParseIpv4(host);
        if (address is null)
        {
            return (null, ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort alone)
                ? $"which names no address; write 127.0.0.1:{alone}"
                : $"and \"{host}\" is not an IP address; for the programs of this host use 127.0.0.1 and [::1]");
        }

        return colon >= 0 && ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            ? (new IpListenerEndpoint(text, new IPEndPoint(address, port)), "")
            : (null, $"which names no port from 0 to 65535; write {host}:25");
    }

    /// <summary>Four numbers in full. <see cref="IPAddress.TryParse(string?, out IPAddress?)"/> also reads <c>1</c> as 0.0.0.1, <c>127.1</c> as
    /// 127.0.0.1 and <c>010</c> as 8; a setting that opens a door is to be read by people.</summary>
    private static IPAddress? ParseIpv4(string host)
    {
        string[] numbers = host.Split('.');
        long address = 0;
        for (int i = 0; i < numbers.Length; i++)
        {
            if (!byte.TryParse(numbers[i], NumberStyles.None, CultureInfo.InvariantCulture, out byte number) || (numbers[i] is ['0', _, ..]))
            {
                return null;
            }

            address |= (long)number << (8 * i);
        }

        return numbers.Length == 4 ? new IPAddress(address) : null;
    }
}

/// <summary><c>127.0.0.1:25</c>, <c>[::1]:25</c>. Port 0: any that is free.</summary>
internal sealed record IpListenerEndpoint(string Text, IPEndPoint Address) : ListenerEndpoint(Text);

/// <summary><c>unix:/run/relayproxy/smtp.sock</c>.</summary>
internal sealed record UnixListenerEndpoint(string Text, string Path) : ListenerEndpoint(Text);

/// <summary><c>systemd</c>: every descriptor that was handed over; <c>systemd:name</c>: those of that FileDescriptorName.</summary>
/// <param name="Name">Empty for all.</param>
internal sealed record InheritedListenerEndpoint(string Text, string Name) : ListenerEndpoint(Text)
{
    public static InheritedListenerEndpoint All { get; } = new("systemd", "");
}
