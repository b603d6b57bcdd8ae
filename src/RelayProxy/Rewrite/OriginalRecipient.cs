using System.Globalization;
using System.Text;
using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Rewrite;

/// <summary>ORCPT for an address that is about to be replaced (RFC 3461 §4.2), so that a report names what its reader knows.</summary>
internal static class OriginalRecipient
{
    /// <summary>RFC 3461 §5.4: nobody need take more.</summary>
    private const int MaxLength = 500;

    /// <summary><c>rfc822;</c> and xtext, or <c>utf-8;</c> and RFC 6533's encoding, which is ASCII as well; <c>null</c> if it would be
    /// longer than other servers must take.</summary>
    public static string? Of(Mailbox address)
    {
        string text = address.ToString();
        string encoded = address.IsAscii ? "rfc822;" + Xtext.Encode(text) : "utf-8;" + Utf8AddressXtext(text);
        return encoded.Length <= MaxLength ? encoded : null;
    }

    /// <summary>RFC 6533 §3, utf-8-addr-xtext: printable ASCII as it is, all else and <c>+</c>, <c>=</c>, <c>\</c> as <c>\x{HEX}</c>.</summary>
    private static string Utf8AddressXtext(string text)
    {
        var encoded = new StringBuilder(text.Length * 2);
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (rune.Value is > ' ' and <= '~' and not ('+' or '=' or '\\'))
            {
                encoded.Append((char)rune.Value);
            }
            else
            {
                encoded.Append(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X2}}}");
            }
        }

        return encoded.ToString();
    }
}
