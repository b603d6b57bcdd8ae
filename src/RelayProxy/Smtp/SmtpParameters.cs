using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace RelayProxy.Smtp;

/// <summary>
/// The parameters behind the path of MAIL and RCPT: <c>SP esmtp-keyword ["=" esmtp-value]</c> (RFC 5321 §4.1.2). Order is kept;
/// keywords are compared without regard to case.
/// </summary>
internal static class SmtpParameters
{
    // esmtp-keyword  = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
    // esmtp-value    = 1*(%d33-60 / %d62-126)                 ; RFC 6531 adds UTF8-non-ascii
    private static readonly SearchValues<byte> s_keyword = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"u8);

    // Those that come with every other message need no string of their own.
    private static readonly string[] s_known = ["SIZE", "BODY", "SMTPUTF8", "NOTIFY", "ORCPT", "RET", "ENVID", "AUTH"];

    /// <summary>Splits <paramref name="text"/> (what follows the closing bracket, leading and trailing blanks allowed). False if it
    /// does not fit the grammar; a keyword that comes twice does not fit either.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, bool allowUtf8, List<SmtpParameter> parameters)
    {
        parameters.Clear();
        text = text.TrimStart((byte)' ').TrimEnd(" \t"u8);
        if (text.IsEmpty)
        {
            return true;
        }

        foreach (Range range in text.Split((byte)' '))
        {
            if (!TryParseOne(text[range], allowUtf8, out SmtpParameter parameter) || Contains(parameters, parameter.Keyword))
            {
                return false;
            }

            parameters.Add(parameter);
        }

        return true;
    }

    private static bool TryParseOne(ReadOnlySpan<byte> text, bool allowUtf8, out SmtpParameter parameter)
    {
        parameter = default;
        int equals = text.IndexOf((byte)'=');
        ReadOnlySpan<byte> keyword = equals < 0 ? text : text[..equals];
        if (keyword.IsEmpty || keyword[0] == '-' || keyword.ContainsAnyExcept(s_keyword))
        {
            return false;
        }

        if (equals < 0)
        {
            parameter = new SmtpParameter(Upper(keyword), null);
            return true;
        }

        ReadOnlySpan<byte> value = text[(equals + 1)..];
        if (!IsValue(value, allowUtf8))
        {
            return false;
        }

        parameter = new SmtpParameter(Upper(keyword), Encoding.UTF8.GetString(value));
        return true;
    }

    private static bool IsValue(ReadOnlySpan<byte> value, bool allowUtf8)
    {
        if (value.IsEmpty || value.Contains((byte)'='))
        {
            return false;
        }

        return allowUtf8
            ? !value.ContainsAnyInRange((byte)0, (byte)32) && !value.Contains((byte)127) && Utf8.IsValid(value)
            : !value.ContainsAnyExceptInRange((byte)33, (byte)126);
    }

    private static string Upper(ReadOnlySpan<byte> keyword)
    {
        foreach (string known in s_known)
        {
            if (Ascii.EqualsIgnoreCase(keyword, known))
            {
                return known;
            }
        }

        return Encoding.ASCII.GetString(keyword).ToUpperInvariant();
    }

    private static bool Contains(List<SmtpParameter> parameters, string keyword)
    {
        foreach (SmtpParameter parameter in parameters)
        {
            if (parameter.Keyword == keyword)
            {
                return true;
            }
        }

        return false;
    }
}

/// <param name="Keyword">In upper case.</param>
/// <param name="Value"><c>null</c> where there was no <c>=</c>.</param>
internal readonly record struct SmtpParameter(string Keyword, string? Value);
