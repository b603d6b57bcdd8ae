using System.Buffers;
using System.Globalization;
using RelayProxy.Upstream;

namespace RelayProxy.Configuration;

/// <summary>
/// <c>smtps://user:password@host:465</c>, <c>smtp+starttls://…:587</c>, <c>smtp://…:25</c>. User and password may be
/// percent-encoded, and must be where they hold <c>:</c> (the user), <c>%</c> or <c>/</c>; an <c>@</c> in the user's name does no harm.
/// </summary>
internal readonly record struct SmarthostUrl(SmarthostTls Tls, string Host, int Port, string Username, string Password)
{
    private static readonly SearchValues<char> s_notInHosts = SearchValues.Create("/?#%@ ");

    /// <summary>What is wrong with it does not repeat it: it holds a password.</summary>
    public static bool TryParse(string url, out SmarthostUrl parsed, out string trouble)
    {
        parsed = default;
        trouble = "";
        int colon = url.IndexOf("://", StringComparison.Ordinal);
        (SmarthostTls Tls, int Port)? scheme = (colon < 0 ? "" : url[..colon].ToUpperInvariant()) switch
        {
            "SMTPS" => (SmarthostTls.Implicit, 465),
            "SMTP+STARTTLS" => (SmarthostTls.StartTls, 587),
            "SMTP" => (SmarthostTls.None, 25),
            _ => null,
        };
        if (scheme is not { } known)
        {
            trouble = "begins with no scheme that is known; write smtps://user:password@host:465, or smtp+starttls:// or smtp://";
            return false;
        }

        string rest = url[(colon + 3)..].TrimEnd('/');
        int at = rest.LastIndexOf('@');
        (string username, string password) = at < 0 ? ("", "") : Login(rest[..at]);
        if (!TryParseHost(rest[(at + 1)..], known.Port, out string host, out int port))
        {
            trouble = "names no host; write smtps://user:password@host:465, with / : @ % in user and password as %2F %3A %40 %25";
            return false;
        }

        parsed = new SmarthostUrl(known.Tls, host, port, username, password);
        return true;
    }

    /// <summary>The settings that it stands for.</summary>
    public IEnumerable<(string Key, string Value)> Settings()
    {
        (string Key, string Value)[] parts =
        [
            ("Smarthost:Tls", Tls.ToString()),
            ("Smarthost:Host", Host),
            ("Smarthost:Port", Port.ToString(CultureInfo.InvariantCulture)),
            ("Smarthost:Username", Username),
            ("Smarthost:Password", Password),
        ];
        return parts.Where(part => part.Value.Length > 0);
    }

    private static (string Username, string Password) Login(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        return colon < 0
            ? (Uri.UnescapeDataString(text), "")
            : (Uri.UnescapeDataString(text[..colon]), Uri.UnescapeDataString(text[(colon + 1)..]));
    }

    private static bool TryParseHost(string text, int defaultPort, out string host, out int port)
    {
        int bracket = text.IndexOf(']', StringComparison.Ordinal);
        int colon = text.IndexOf(':', bracket < 0 ? 0 : bracket);
        host = (colon < 0 ? text : text[..colon]).Trim('[', ']');
        port = defaultPort;
        return host.Length > 0
            && !host.AsSpan().ContainsAny(s_notInHosts)
            && (colon < 0 || (int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and < 65536));
    }
}
