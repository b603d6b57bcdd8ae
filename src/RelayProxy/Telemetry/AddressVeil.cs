using System.Security.Cryptography;
using System.Text;

namespace RelayProxy.Telemetry;

/// <summary>
/// Keeps mail addresses out of the log: whatever looks like one is put in other words, wherever it stands, in the replies of the far side and in the
/// messages of exceptions too. A Message-ID is none, and stays: it names a message to its sender.
/// </summary>
/// <param name="hashed">Whether an address becomes its digest (<c>~3f9ac81d22e0</c>), the same for as long as the salt is; or else one letter and
/// the domain (<c>b***@example.org</c>).</param>
/// <param name="salt">Without it nobody can try addresses until one has the digest. Empty: another one for each start.</param>
internal sealed class AddressVeil(bool hashed, string salt)
{
    /// <summary>48 bits: no two addresses of one log have the same.</summary>
    private const int DigestOctets = 6;

    private readonly byte[] _salt = salt.Length > 0 ? Encoding.UTF8.GetBytes(salt) : hashed ? RandomNumberGenerator.GetBytes(16) : [];

    /// <summary>The veil that the settings want; <c>null</c> for none.</summary>
    public static AddressVeil? Of(LoggingOptions options) => options.Addresses switch
    {
        LogAddresses.Plain => null,
        LogAddresses.Hashed => new AddressVeil(hashed: true, options.AddressSalt),
        LogAddresses.Masked => new AddressVeil(hashed: false, ""),
    };

    /// <summary>The same text with every address in it veiled.</summary>
    public string Over(string text)
    {
        int at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
        {
            return text;
        }

        var veiled = new StringBuilder(text.Length);
        int done = 0;
        for (; at >= 0; at = text.IndexOf('@', Math.Max(at + 1, done)))
        {
            at = AfterQuotes(text, at, done);
            int start = StartOfLocalPart(text, at, done);
            int end = EndOfDomain(text, at + 1);
            if (start < at && end > at + 1 && !IsMessageId(text.AsSpan(done, start - done)))
            {
                veiled.Append(text, done, start - done).Append(Veiled(text[start..at], text[(at + 1)..end]));
                done = end;
            }
        }

        return veiled.Append(text, done, text.Length - done).ToString();
    }

    private string Veiled(string localPart, string domain)
    {
        if (!hashed)
        {
            return $"{localPart.AsSpan(0, char.IsHighSurrogate(localPart[0]) && localPart.Length > 1 ? 2 : 1)}***@{domain}";
        }

        byte[] digest = HMACSHA256.HashData(_salt, Encoding.UTF8.GetBytes($"{localPart}@{domain}".ToLowerInvariant()));
        return "~" + Convert.ToHexStringLower(digest, 0, DigestOctets);
    }

    /// <summary>An @ within quotes is of the local part, if another stands right behind them.</summary>
    private static int AfterQuotes(string text, int at, int least)
    {
        int close = at > least && text.LastIndexOf('"', at - 1, at - least) >= 0 ? text.IndexOf('"', at) : -1;
        return close >= 0 && close + 1 < text.Length && text[close + 1] == '@' ? close + 1 : at;
    }

    /// <param name="least">What stands before it has been dealt with.</param>
    private static int StartOfLocalPart(string text, int at, int least)
    {
        int start = at;
        if (start > least && text[start - 1] == '"')
        {
            // Quoted: blanks and all, up to the quote that opens it.
            int open = text.LastIndexOf('"', start - 2 >= least ? start - 2 : least, Math.Max(0, start - 1 - least));
            return open < 0 ? start : open;
        }

        while (start > least && IsOfLocalPart(text[start - 1]))
        {
            start--;
        }

        return start;
    }

    private static int EndOfDomain(string text, int start)
    {
        int end = start;
        if (end < text.Length && text[end] == '[')
        {
            int close = text.IndexOf(']', end);
            return close < 0 ? start : close + 1;
        }

        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '-' or '_' or > '\x7f'))
        {
            end++;
        }

        // The end of a sentence is not the address's.
        while (end > start && text[end - 1] is '.' or '-')
        {
            end--;
        }

        return end;
    }

    /// <summary>The letters of a dot-string (RFC 5321 §4.1.2, RFC 6531 §3.3).</summary>
    private static bool IsOfLocalPart(char letter) =>
        char.IsAsciiLetterOrDigit(letter) || letter is '.' or > '\x7f' || "!#$%&'*+-/=?^_`{|}~".Contains(letter, StringComparison.Ordinal);

    private static bool IsMessageId(ReadOnlySpan<char> before) => before.TrimEnd('<').EndsWith("message-id=", StringComparison.OrdinalIgnoreCase);
}
