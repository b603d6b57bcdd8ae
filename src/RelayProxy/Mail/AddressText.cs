using System.Text;

namespace RelayProxy.Mail;

/// <summary>What an address in a header says, without blanks, comments and quotes.</summary>
internal static class AddressText
{
    /// <summary>Octets, of the local part and of the domain, as in an envelope.</summary>
    private const int MaxOctets = 255;

    /// <summary>The mailbox; <c>null</c> if it is none that could stand in an envelope: not UTF-8, a control character, too long, a
    /// domain that is none.</summary>
    public static Mailbox? Read(ReadOnlySpan<byte> text, HeaderAddress address)
    {
        Span<byte> plain = stackalloc byte[MaxOctets];
        if (!TryJoin(text[address.LocalStart..address.LocalEnd], plain, out int length) || !TryDecode(plain[..length], out string localPart))
        {
            return null;
        }

        if (address.IsBare)
        {
            return new Mailbox(localPart, "");
        }

        if (!TryJoin(text[address.DomainStart..address.DomainEnd], plain, out length))
        {
            return null;
        }

        ReadOnlySpan<byte> rest = plain[..length];
        return DomainParser.TryTake(ref rest, out ReadOnlySpan<byte> domain) && rest.IsEmpty && TryDecode(domain, out string name)
            ? new Mailbox(localPart, name)
            : null;
    }

    private static bool TryJoin(ReadOnlySpan<byte> part, Span<byte> plain, out int length)
    {
        length = 0;
        var tokens = new HeaderTokens(part);
        for (tokens.Next(); tokens.Kind != HeaderTokenKind.End; tokens.Next())
        {
            ReadOnlySpan<byte> token = part[tokens.Start..tokens.End];
            bool isQuoted = tokens.Kind == HeaderTokenKind.Quoted;
            token = isQuoted ? token[1..^1] : token;
            for (int at = 0; at < token.Length; at++)
            {
                at += isQuoted && token[at] == '\\' && at + 1 < token.Length ? 1 : 0;
                if (isQuoted && token[at] is (byte)'\r' or (byte)'\n')
                {
                    // A fold is not part of what it folds.
                    continue;
                }

                if (length == plain.Length)
                {
                    return false;
                }

                plain[length++] = token[at];
            }
        }

        return length > 0;
    }

    private static bool TryDecode(ReadOnlySpan<byte> octets, out string text)
    {
        text = "";
        if (!System.Text.Unicode.Utf8.IsValid(octets))
        {
            return false;
        }

        text = Encoding.UTF8.GetString(octets);
        return !text.AsSpan().ContainsAnyInRange('\0', '\x1f') && !text.AsSpan().ContainsAnyInRange('\x7f', '\x9f');
    }
}
