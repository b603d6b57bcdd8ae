namespace RelayProxy.Upstream.Sasl;

/// <summary>What mechanisms ask of the credentials, answered in words: <c>null</c> where nothing is missing.</summary>
internal static class SaslNeeds
{
    public static string? UsernameAndPassword(SaslCredentials credentials)
    {
        if (credentials.Username.Length == 0)
        {
            return "needs Smarthost:Username";
        }

        if (credentials.Password.Length == 0)
        {
            return "needs a password";
        }

        // NUL separates the parts of PLAIN, and no mechanism can carry it (RFC 4616 §2).
        return credentials.Username.Contains('\0', StringComparison.Ordinal) || credentials.Password.Contains('\0', StringComparison.Ordinal)
            ? "the user name or the password holds a NUL"
            : null;
    }

    /// <summary>For mechanisms that show the password to whoever reads the connection.</summary>
    public static string? PasswordThatMayBeSeen(SaslCredentials credentials) =>
        credentials.IsEncrypted || credentials.AllowPlaintext
            ? UsernameAndPassword(credentials)
            : "needs TLS, or Smarthost:AllowPlaintextAuth";

    /// <summary>For bearer tokens: whoever reads one owns it, and it is one word of printable ASCII (RFC 6750 §2.1).</summary>
    public static string? AccessToken(SaslCredentials credentials)
    {
        if (credentials.AccessToken.Length == 0)
        {
            return "needs Smarthost:AccessToken";
        }

        if (credentials.AccessToken.AsSpan().ContainsAnyExceptInRange('\x21', '\x7e'))
        {
            return "the access token holds a blank or another character that no token has";
        }

        return credentials.IsEncrypted || credentials.AllowPlaintext ? null : "needs TLS, or Smarthost:AllowPlaintextAuth";
    }
}
