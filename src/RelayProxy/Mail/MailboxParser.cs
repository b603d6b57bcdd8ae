using System.Buffers;
using System.Text;
using System.Text.Unicode;

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

    /// <summary>A local part or a domain over 255 octets.</summary>
    TooLong,
}

/// <summary>
/// Reads the paths of MAIL and RCPT (RFC 5321 §4.1.2, RFC 6531 §3.3), in linear time and without recursion. Tolerant where old
/// programs err and nothing becomes ambiguous: blanks before the bracket, missing brackets, a source route (dropped), a bare
/// local name, an underscore or a trailing dot in the domain.
/// </summary>
internal static class MailboxParser
{
    /// <summary>Octets. A domain may have 255 (RFC 5321 §4.5.3.1.2). A local part need only be taken up to 64 (§4.5.3.1.1), but
    /// the addresses that VERP and SRS make are longer, and the smarthost can speak for itself.</summary>
    private const int MaxOctets = 255;

    /// <summary>Two quotes, and a backslash before every octet.</summary>
    private const int MaxQuotedOctets = (2 * MaxOctets) + 2;

    // Path           = "<" [ A-d-l ":" ] Mailbox ">"
    // A-d-l          = At-domain *( "," At-domain )
    // Mailbox        = Local-part "@" ( Domain / address-literal )
    // Local-part     = Dot-string / Quoted-string
    // Dot-string     = Atom *("."  Atom)
    // Quoted-string  = DQUOTE *( qtextSMTP / quoted-pairSMTP ) DQUOTE
    // RFC 6531 adds UTF8-non-ascii to atext, qtextSMTP and sub-domain.
    private static readonly AsciiOctets s_notDotString = AsciiOctets.Except("!#$%&'*+-/=?^_`{|}~."u8);

    private static readonly AsciiOctets s_notQuotedText = AsciiOctets.Except(" !#$%&'()*+,-./:;<=>?@[]^_`{|}~"u8);

    /// <summary>Reads a path off the front of <paramref name="text"/>, which starts behind <c>FROM:</c> or <c>TO:</c>.</summary>
    /// <param name="allowUtf8">SMTPUTF8 was asked for.</param>
    /// <param name="mailbox">Not null if, and only if, the path is <see cref="PathStatus.Ok"/>.</param>
    /// <param name="rest">What follows the path (the parameters): empty, or it begins with a blank.</param>
    public static PathStatus TryParsePath(ReadOnlySpan<byte> text, bool allowUtf8, out Mailbox? mailbox, out ReadOnlySpan<byte> rest)
    {
        mailbox = null;
        rest = default;

        ReadOnlySpan<byte> input = text.TrimStart(" \t"u8);
        bool bracketed = TryTake(ref input, (byte)'<');
        if (bracketed && TryTake(ref input, (byte)'>'))
        {
            rest = input;
            return IsAtBlank(input) ? PathStatus.Null : PathStatus.Malformed;
        }

        if (!TryTakeRoute(ref input)
            || !TryTakeMailbox(ref input, out ReadOnlySpan<byte> localPart, out ReadOnlySpan<byte> domain)
            || (bracketed && !TryTake(ref input, (byte)'>'))
            || !IsAtBlank(input))
        {
            return PathStatus.Malformed;
        }

        rest = input;
        return Build(localPart, domain, allowUtf8, out mailbox);
    }

    /// <summary>Reads a whole string as <c>local@domain</c> or <c>local</c>: for configuration and command lines.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Mailbox? mailbox)
    {
        mailbox = null;
        Span<byte> utf8 = stackalloc byte[4 * MaxOctets];
        if (Utf8.FromUtf16(text, utf8, out _, out int written, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            return false;
        }

        ReadOnlySpan<byte> input = utf8[..written];
        return TryTakeMailbox(ref input, out ReadOnlySpan<byte> localPart, out ReadOnlySpan<byte> domain)
            && input.IsEmpty
            && Build(localPart, domain, allowUtf8: true, out mailbox) == PathStatus.Ok;
    }

    /// <summary>Where the grammar is satisfied, only lengths and letters are left to look at.</summary>
    private static PathStatus Build(ReadOnlySpan<byte> localPart, ReadOnlySpan<byte> domain, bool allowUtf8, out Mailbox? mailbox)
    {
        mailbox = null;
        if (localPart.Length > MaxQuotedOctets || domain.Length > MaxOctets)
        {
            return PathStatus.TooLong;
        }

        Span<byte> unquoted = stackalloc byte[MaxQuotedOctets];
        int length = Unquote(localPart, unquoted);
        if (length > MaxOctets)
        {
            return PathStatus.TooLong;
        }

        bool ascii = Ascii.IsValid(localPart) && Ascii.IsValid(domain);
        if (!ascii && !(Utf8.IsValid(localPart) && Utf8.IsValid(domain)))
        {
            return PathStatus.InvalidUtf8;
        }

        var read = new Mailbox(Encoding.UTF8.GetString(unquoted[..length]), Encoding.UTF8.GetString(domain));
        if (!ascii && (HasControl(read.LocalPart) || HasControl(read.Domain)))
        {
            return PathStatus.Malformed;
        }

        if (!ascii && !allowUtf8)
        {
            return PathStatus.NeedsSmtpUtf8;
        }

        mailbox = read;
        return PathStatus.Ok;
    }

    /// <summary>A-d-l, which is read and forgotten (RFC 5321 §4.1.1.3: "SHOULD be stripped").</summary>
    private static bool TryTakeRoute(ref ReadOnlySpan<byte> input)
    {
        if (!input.StartsWith((byte)'@'))
        {
            return true;
        }

        do
        {
            if (!TryTake(ref input, (byte)'@') || !DomainParser.TryTake(ref input, out _))
            {
                return false;
            }
        }
        while (TryTake(ref input, (byte)','));

        return TryTake(ref input, (byte)':');
    }

    /// <param name="localPart">Still quoted, if it was.</param>
    /// <param name="domain">Empty for a bare local name.</param>
    private static bool TryTakeMailbox(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> localPart, out ReadOnlySpan<byte> domain)
    {
        domain = default;
        bool taken = input.StartsWith((byte)'"') ? TryTakeQuoted(ref input, out localPart) : TryTakeDotString(ref input, out localPart);
        return taken && (!TryTake(ref input, (byte)'@') || DomainParser.TryTake(ref input, out domain));
    }

    private static bool TryTakeDotString(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> localPart)
    {
        int end = s_notDotString.IndexIn(input);
        localPart = end < 0 ? input : input[..end];
        input = input[localPart.Length..];
        return !localPart.IsEmpty && localPart[0] != '.' && localPart[^1] != '.' && localPart.IndexOf(".."u8) < 0;
    }

    private static bool TryTakeQuoted(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> localPart)
    {
        localPart = default;
        int at = 1;
        while (true)
        {
            int next = s_notQuotedText.IndexIn(input[at..]);
            if (next < 0)
            {
                return false;
            }

            at += next;
            if (input[at] == '"')
            {
                localPart = input[..(at + 1)];
                input = input[(at + 1)..];

                // The grammar would let "" pass, but there is no such user anywhere, and much that breaks on one.
                return localPart.Length > 2;
            }

            // quoted-pairSMTP  = %d92 %d32-126
            if (input[at] != '\\' || at + 1 >= input.Length || input[at + 1] is < 32 or > 126)
            {
                return false;
            }

            at += 2;
        }
    }

    /// <summary>All spellings of a local part come out the same: <c>"j\oe"</c>, <c>"joe"</c> and <c>joe</c>.</summary>
    private static int Unquote(ReadOnlySpan<byte> localPart, Span<byte> unquoted)
    {
        if (!localPart.StartsWith((byte)'"'))
        {
            localPart.CopyTo(unquoted);
            return localPart.Length;
        }

        int length = 0;
        for (int i = 1; i < localPart.Length - 1; i++)
        {
            i += localPart[i] == '\\' ? 1 : 0;
            unquoted[length++] = localPart[i];
        }

        return length;
    }

    private static bool HasControl(string text) => text.AsSpan().ContainsAnyInRange('\x7f', '\u009f');

    private static bool IsAtBlank(ReadOnlySpan<byte> input) => input.IsEmpty || input[0] is (byte)' ' or (byte)'\t';

    private static bool TryTake(ref ReadOnlySpan<byte> input, byte octet)
    {
        if (!input.StartsWith(octet))
        {
            return false;
        }

        input = input[1..];
        return true;
    }
}
