using System.Globalization;
using System.Net;

namespace RelayProxy.Upstream;

/// <summary>
/// <c>Smarthost:Url</c>, the shorthand: <c>smtps://user:password@host:465</c>, <c>smtp+starttls://…:587</c>, <c>smtp://…:25</c>. User and
/// password are percent-encoded. It fills in what has not been set by itself.
/// </summary>
internal readonly record struct SmarthostUrl(SmarthostTls Tls, string Host, int Port, string Username, string Password)
{
    private static readonly SmarthostOptions s_defaults = new();

    /// <param name="error">What is wrong with it, in words that do not repeat it: it may hold a password.</param>
    public static bool TryParse(string text, out SmarthostUrl url, out string error)
    {
        url = default;
        error = "";
        int schemeEnd = text.IndexOf("://", StringComparison.Ordinal);
        (SmarthostTls Tls, int Port)? scheme = (schemeEnd < 0 ? "" : text[..schemeEnd].ToLowerInvariant()) switch
        {
            "smtps" => (SmarthostTls.Implicit, 465),
            "smtp+starttls" => (SmarthostTls.StartTls, 587),
            "smtp" => (SmarthostTls.None, 25),
            _ => null,
        };
        if (scheme is not { } known)
        {
            error = "has to begin with smtps:// (TLS), smtp+starttls:// or smtp:// (no TLS)";
            return false;
        }

        string rest = text[(schemeEnd + 3)..].TrimEnd('/');
        int at = rest.LastIndexOf('@');
        string login = at < 0 ? "" : rest[..at];
        string place = rest[(at + 1)..];
        if (!TrySplitPlace(place, known.Port, out string host, out int port))
        {
            error = "has no valid host and port: write smtps://user:password@smtp.example.net:465, an IPv6 address in brackets";
            return false;
        }

        int colon = login.IndexOf(':', StringComparison.Ordinal);
        if (login.AsSpan().ContainsAny("/?#"))
        {
            error = "has a user or password with / ? or #: write %2F, %3F, %23";
            return false;
        }

        string user = colon < 0 ? login : login[..colon];
        string password = colon < 0 ? "" : login[(colon + 1)..];
        url = new SmarthostUrl(known.Tls, host, port, Uri.UnescapeDataString(user), Uri.UnescapeDataString(password));
        return true;
    }

    /// <summary>The settings with the URL's parts in them, host in the form that DNS and TLS use. A value that differs from its default
    /// was set by itself and stays.</summary>
    /// <returns>A copy; without the URL's parts where it cannot be read.</returns>
    public static SmarthostOptions Apply(SmarthostOptions options)
    {
        SmarthostOptions applied = options.Copy();
        if (options.Url.Length > 0 && TryParse(options.Url, out SmarthostUrl url, out _))
        {
            applied.Host = options.Host.Length > 0 ? options.Host : url.Host;
            applied.Tls = options.Tls != s_defaults.Tls ? options.Tls : url.Tls;
            applied.Port = options.Port != s_defaults.Port ? options.Port : url.Port;
            applied.Username = options.Username.Length > 0 ? options.Username : url.Username;
            bool hasPassword = options.Password.Length + options.PasswordFile.Length + options.PasswordCommand.Length > 0;
            applied.Password = hasPassword ? options.Password : url.Password;
        }

        applied.Host = AsciiHost(applied.Host);
        return applied;
    }

    /// <summary>Without brackets and trailing dot, an internationalised name as its A-labels (RFC 5891).</summary>
    public static string AsciiHost(string host)
    {
        host = host.Trim().TrimEnd('.');
        if (host is ['[', .. string inner, ']'] && IPAddress.TryParse(inner, out _))
        {
            return inner;
        }

        if (System.Text.Ascii.IsValid(host))
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

    private static bool TrySplitPlace(string place, int defaultPort, out string host, out int port)
    {
        (host, port) = (place, defaultPort);
        int bracket = place.LastIndexOf(']');
        int colon = place.IndexOf(':', bracket + 1);
        if (colon >= 0)
        {
            host = place[..colon];
            if (!int.TryParse(place.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port))
            {
                return false;
            }
        }

        host = AsciiHost(host);
        return port is > 0 and <= 65535 && Uri.CheckHostName(host) != UriHostNameType.Unknown;
    }
}
