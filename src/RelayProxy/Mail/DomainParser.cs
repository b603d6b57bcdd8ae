using System.Buffers;
using System.Buffers.Text;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RelayProxy.Mail;

/// <summary>
/// Reads domains and address literals (RFC 5321 §4.1.2 and §4.1.3, RFC 6531 §3.3), in linear time: behind the <c>@</c> of a
/// mailbox, and in HELO and EHLO. Tolerant of underscores, which many hosts have in their names, and of a trailing dot.
/// </summary>
internal static class DomainParser
{
    // Domain           = sub-domain *("." sub-domain)
    // sub-domain       = Let-dig [Ldh-str]                     ; RFC 6531 adds U-label
    // address-literal  = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"
    private static readonly SearchValues<byte> s_tag = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"u8);

    private static readonly SearchValues<byte> s_ipv6 = SearchValues.Create("0123456789abcdefABCDEF:."u8);

    /// <summary>Takes a domain or an address literal off the front of <paramref name="input"/>. Whether what lies beyond ASCII is
    /// UTF-8 is left to the caller.</summary>
    /// <param name="domain">Without a trailing dot; an address literal keeps its brackets.</param>
    public static bool TryTake(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> domain)
    {
        if (input.StartsWith((byte)'['))
        {
            return TryTakeLiteral(ref input, out domain);
        }

        int end = 0;
        while (end < input.Length && MayStandInDomain(input[end]))
        {
            end++;
        }

        domain = input[..end];
        input = input[domain.Length..];
        if (domain.EndsWith((byte)'.'))
        {
            domain = domain[..^1];
        }

        return IsDomain(domain);
    }

    /// <summary>Whether the whole of <paramref name="text"/> is a domain or an address literal in ASCII: the argument of HELO and
    /// EHLO.</summary>
    public static bool IsWhole(ReadOnlySpan<byte> text) =>
        Ascii.IsValid(text) && TryTake(ref text, out _) && text.IsEmpty;

    private static bool MayStandInDomain(byte octet) => octet >= 128 || char.IsAsciiLetterOrDigit((char)octet) || octet is (byte)'-' or (byte)'_' or (byte)'.';

    private static bool IsDomain(ReadOnlySpan<byte> domain)
    {
        byte before = (byte)'.';
        foreach (byte octet in domain)
        {
            // No label is empty, and none begins or ends with a hyphen.
            if ((before, octet) is ((byte)'.', (byte)'.' or (byte)'-') or ((byte)'-', (byte)'.'))
            {
                return false;
            }

            before = octet;
        }

        return before is not ((byte)'.' or (byte)'-');
    }

    private static bool TryTakeLiteral(ref ReadOnlySpan<byte> input, out ReadOnlySpan<byte> literal)
    {
        literal = default;
        int end = input.IndexOf((byte)']');
        if (end < 0)
        {
            return false;
        }

        literal = input[..(end + 1)];
        input = input[(end + 1)..];

        ReadOnlySpan<byte> inside = literal[1..^1];
        int colon = inside.IndexOf((byte)':');
        if (colon < 0)
        {
            return IsIpv4(inside);
        }

        return Ascii.EqualsIgnoreCase(inside[..colon], "IPv6"u8)
            ? IsIpv6(inside[(colon + 1)..])
            : IsTagged(inside[..colon], inside[(colon + 1)..]);
    }

    /// <summary>Four numbers of one to three digits, each at most 255. <see cref="IPAddress.TryParse(string?, out IPAddress?)"/> also
    /// takes octal, hexadecimal and fewer than four.</summary>
    private static bool IsIpv4(ReadOnlySpan<byte> text)
    {
        int numbers = 0;
        foreach (Range range in text.Split((byte)'.'))
        {
            ReadOnlySpan<byte> number = text[range];
            if (++numbers > 4
                || number.Length is 0 or > 3
                || !Utf8Parser.TryParse(number, out byte _, out int digits)
                || digits != number.Length)
            {
                return false;
            }
        }

        return numbers == 4;
    }

    private static bool IsIpv6(ReadOnlySpan<byte> text) =>
        text.Length is > 1 and <= 45
        && !text.ContainsAnyExcept(s_ipv6)
        && IPAddress.TryParse(Encoding.ASCII.GetString(text), out IPAddress? address)
        && address.AddressFamily == AddressFamily.InterNetworkV6;

    /// <summary>General-address-literal: a tag that somebody may register one day, and printable characters.</summary>
    private static bool IsTagged(ReadOnlySpan<byte> tag, ReadOnlySpan<byte> content) =>
        !tag.IsEmpty
        && tag[^1] != '-'
        && !tag.ContainsAnyExcept(s_tag)
        && !content.IsEmpty
        && !content.ContainsAnyExceptInRange((byte)33, (byte)126)
        && !content.ContainsAny((byte)'[', (byte)'\\');
}
