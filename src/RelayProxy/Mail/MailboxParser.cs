namespace RelayProxy.Mail;

/// <summary>How a path was read.</summary>
internal enum PathStatus
{
    Ok,

    /// <summary><c>&lt;&gt;</c>: the null reverse-path.</summary>
    Null,

    /// <summary>Not a path at all: 501 5.1.7 (sender), 501 5.1.3 (recipient).</summary>
    Malformed,

    /// <summary>Octets above 127, well-formed UTF-8, but SMTPUTF8 was not asked for: 553 5.6.7.</summary>
    NeedsSmtpUtf8,

    /// <summary>Octets above 127 that are not UTF-8: 501.</summary>
    InvalidUtf8,

    /// <summary>A local part over 64 octets or a domain over 255 or a path over 256 (RFC 5321 §4.5.3.1.1-3).</summary>
    TooLong,
}

/// <summary>
/// Reads the paths of MAIL and RCPT (RFC 5321 §4.1.2, RFC 6531 §3.3), in linear time. Tolerant where old programs err and nothing
/// becomes ambiguous: blanks before the bracket, missing brackets, a source route (dropped), a bare local name, an underscore
/// or a trailing dot in the domain.
/// </summary>
internal static class MailboxParser
{
    /// <summary>Reads a path off the front of <paramref name="text"/>, which starts behind <c>FROM:</c> or <c>TO:</c>.</summary>
    /// <param name="rest">What follows the path (the parameters).</param>
    public static PathStatus TryParsePath(ReadOnlySpan<byte> text, bool allowUtf8, out Mailbox? mailbox, out ReadOnlySpan<byte> rest) =>
        throw new NotImplementedException();

    /// <summary>Reads a whole string as <c>local@domain</c> or <c>local</c>: for configuration and command lines.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Mailbox? mailbox) => throw new NotImplementedException();
}
