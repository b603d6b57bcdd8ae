using System.Buffers;
using System.Globalization;
using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Upstream;

/// <summary>How an address is written between the angle brackets of MAIL and RCPT.</summary>
internal static class PathText
{
    private static readonly IdnMapping s_idn = new() { UseStd3AsciiRules = true };

    private static readonly SearchValues<char> s_notInLiterals = SearchValues.Create("<> ");
    private static readonly SearchValues<char> s_notInDomains = SearchValues.Create("<>()[],;:\\\"@ ");

    /// <param name="smtpUtf8">Whether the smarthost takes UTF-8. If not, an internationalised domain is written in its ASCII form; a local
    /// part has none (RFC 6531 §3.2).</param>
    /// <param name="why">In words, where it cannot be written.</param>
    public static bool TryWrite(Mailbox mailbox, bool smtpUtf8, out string path, out string why)
    {
        path = why = "";
        if (mailbox.IsBare)
        {
            why = "it has no domain";
            return false;
        }

        // Queues are files, and files can be edited: an address must not be able to end the path and go on with a parameter.
        if (!CommandBuffer.IsPrintable(mailbox.LocalPart) || !IsDomainText(mailbox.Domain))
        {
            why = "it holds a character that no address may hold";
            return false;
        }

        if (smtpUtf8 || mailbox.IsAscii)
        {
            path = mailbox.ToString();
            return true;
        }

        if (!Ascii.IsValid(mailbox.LocalPart))
        {
            why = "its local part is not ASCII and the smarthost does not offer SMTPUTF8";
            return false;
        }

        try
        {
            path = new Mailbox(mailbox.LocalPart, s_idn.GetAscii(mailbox.Domain)).ToString();
            return true;
        }
        catch (ArgumentException)
        {
            why = "its domain has no ASCII form and the smarthost does not offer SMTPUTF8";
            return false;
        }
    }

    /// <summary>An ORCPT of type <c>utf-8</c> in the form that needs no SMTPUTF8: <c>\x{E9}</c> for é (RFC 6533 §3, utf-8-addr-xtext).</summary>
    public static string Utf8AddrXtext(string unitext)
    {
        var ascii = new StringBuilder(unitext.Length + 16);
        foreach (Rune rune in unitext.EnumerateRunes())
        {
            if (rune.IsAscii)
            {
                ascii.Append((char)rune.Value);
            }
            else
            {
                ascii.Append(CultureInfo.InvariantCulture, $"\\x{{{rune.Value:X}}}");
            }
        }

        return ascii.ToString();
    }

    private static bool IsDomainText(string domain) =>
        CommandBuffer.IsPrintable(domain) && !domain.AsSpan().ContainsAny(domain is ['[', .., ']'] ? s_notInLiterals : s_notInDomains);
}
