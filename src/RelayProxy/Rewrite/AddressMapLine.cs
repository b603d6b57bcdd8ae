using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using RelayProxy.Mail;

namespace RelayProxy.Rewrite;

/// <summary>
/// One line of an <see cref="AddressMap"/>: a key, blanks, a value. A colon may follow the key, as in the tables of other mail
/// programs.
/// </summary>
/// <param name="Key">A mailbox; bare for <c>user</c>, with an empty local part for <c>@domain</c>; <c>null</c> if there is a
/// <paramref name="Pattern"/>.</param>
/// <param name="Pattern">What stands between the slashes of <c>/regular expression/</c>.</param>
/// <param name="Value">As it is written: an address, <c>user</c>, <c>@domain</c>; behind a pattern a replacement text.</param>
internal sealed record AddressMapLine(Mailbox? Key, string? Pattern, string Value)
{
    /// <summary>No backtracking: an address cannot make an expression slow, whatever is in either.</summary>
    private const RegexOptions Options = RegexOptions.NonBacktracking | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    /// <param name="trouble">What is wrong, to go on from <c>the line "…"</c>; <c>null</c> if all is well.</param>
    public static bool TryParse(string line, [NotNullWhen(true)] out AddressMapLine? parsed, [NotNullWhen(false)] out string? trouble)
    {
        parsed = null;
        trouble = null;
        string text = line.Trim();
        bool isPattern = text.StartsWith('/');
        int end = isPattern ? EndOfPattern(text) : EndOfKey(text);
        if (end < 0)
        {
            trouble = isPattern
                ? "is a pattern without an end; write /regular expression/ and the address behind it"
                : "has no second address; write the address that is and the one it is to become";
            return false;
        }

        string key = text[..end];
        string value = text[end..].Trim();
        if (isPattern)
        {
            parsed = new AddressMapLine(null, key[1..^1], value);
            trouble = parsed.TroubleOfPattern();
        }
        else if (!TryParseName(key.EndsWith(':') ? key[..^1] : key, out Mailbox? name))
        {
            trouble = $"is for \"{key}\", which is no address; write user@domain, user, or @domain";
        }
        else if (!TryParseName(value, out _))
        {
            trouble = $"gives \"{value}\", which is no address; write user@domain, user, or @domain";
        }
        else
        {
            parsed = new AddressMapLine(name, null, value);
        }

        parsed = trouble is null ? parsed : null;
        return parsed is not null;
    }

    /// <summary><c>user@domain</c>; <c>user</c>, which is bare; <c>@domain</c>, whose local part is empty.</summary>
    public static bool TryParseName(string text, [NotNullWhen(true)] out Mailbox? name)
    {
        if (!text.StartsWith('@'))
        {
            return MailboxParser.TryParse(text, out name);
        }

        name = MailboxParser.TryParse("user" + text, out Mailbox? mailbox) && mailbox is { IsBare: false }
            ? mailbox with { LocalPart = "" }
            : null;
        return name is not null;
    }

    public Regex MakeRegex() => new(Pattern!, Options);

    private string? TroubleOfPattern()
    {
        try
        {
            Regex regex = MakeRegex();
            return UnknownGroup(regex, Value) is { } group
                ? $"gives ${group}, and the expression has no such group"
                : null;
        }
        catch (ArgumentException fault)
        {
            return $"is no regular expression: {fault.Message.TrimEnd('.')}";
        }
        catch (NotSupportedException)
        {
            return "has a back-reference, a look-around, or another construct that could make it slow; write it without";
        }
    }

    /// <summary>.NET takes <c>$7</c> for text if there is no seventh group.</summary>
    private static string? UnknownGroup(Regex regex, string replacement)
    {
        for (int at = replacement.IndexOf('$', StringComparison.Ordinal); at >= 0; at = replacement.IndexOf('$', at + 1))
        {
            int end = at + 1;
            while (end < replacement.Length && char.IsAsciiDigit(replacement[end]))
            {
                end++;
            }

            string group = replacement[(at + 1)..end];
            if (group.Length > 0 && !regex.GetGroupNames().Contains(group))
            {
                return group;
            }
        }

        return null;
    }

    /// <summary>Behind the slash that a blank follows. A slash may stand inside; with a blank behind it, as <c>\/</c>.</summary>
    private static int EndOfPattern(string text)
    {
        for (int at = 1; at < text.Length - 1; at++)
        {
            if (text[at] == '\\')
            {
                at++;
            }
            else if (text[at] == '/' && char.IsWhiteSpace(text[at + 1]))
            {
                return at + 1;
            }
        }

        return -1;
    }

    /// <summary>At the first blank that is not in quotes.</summary>
    private static int EndOfKey(string text)
    {
        bool isQuoted = false;
        for (int at = 0; at < text.Length; at++)
        {
            switch (text[at])
            {
                case '\\' when isQuoted:
                    at++;
                    break;
                case '"':
                    isQuoted = !isQuoted;
                    break;
                case var letter when !isQuoted && char.IsWhiteSpace(letter):
                    return at;
            }
        }

        return -1;
    }
}
