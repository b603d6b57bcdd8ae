namespace RelayProxy.Mail;

/// <summary>
/// A mailbox as RFC 5321 §4.1.2 has it, unquoted: <c>"a b"@example.net</c> has the local part <c>a b</c>. Local parts are
/// compared to the letter, domains without regard to case. An empty <see cref="Domain"/> is a bare local name (<c>root</c>)
/// that <c>Rewrite</c> has yet to qualify. The null reverse-path (<c>&lt;&gt;</c>) is no mailbox: it is a <c>null</c> sender.
/// </summary>
/// <param name="LocalPart">Without quotes and quoted-pairs. UTF-8 letters appear as themselves (RFC 6531).</param>
/// <param name="Domain">As it was written, without the <c>@</c>; an address literal keeps its brackets.</param>
internal sealed record Mailbox(string LocalPart, string Domain)
{
    private static readonly AsciiOctets s_notDotString = AsciiOctets.Except("!#$%&'*+-/=?^_`{|}~."u8);

    /// <summary>Whether the mailbox can travel without SMTPUTF8.</summary>
    public bool IsAscii => System.Text.Ascii.IsValid(LocalPart) && System.Text.Ascii.IsValid(Domain);

    /// <summary>Whether a domain is still missing.</summary>
    public bool IsBare => Domain.Length == 0;

    public bool Equals(Mailbox? other) =>
        other is not null
        && string.Equals(LocalPart, other.LocalPart, StringComparison.Ordinal)
        && string.Equals(Domain, other.Domain, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() =>
        HashCode.Combine(LocalPart, StringComparer.OrdinalIgnoreCase.GetHashCode(Domain));

    /// <summary>As it is written on the wire, without angle brackets, with the least quoting that the grammar allows.</summary>
    public override string ToString() =>
        Domain.Length == 0 ? QuotedLocalPart() : string.Concat(QuotedLocalPart(), "@", Domain);

    private string QuotedLocalPart()
    {
        if (IsDotString(LocalPart))
        {
            return LocalPart;
        }

        return string.Concat(
            "\"",
            LocalPart.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal),
            "\"");
    }

    private static bool IsDotString(string text)
    {
        if (text.Length == 0 || text[0] == '.' || text[^1] == '.' || text.Contains("..", StringComparison.Ordinal))
        {
            return false;
        }

        foreach (char letter in text)
        {
            if (letter < 0x80 && s_notDotString.Contains((byte)letter))
            {
                return false;
            }
        }

        return true;
    }
}
