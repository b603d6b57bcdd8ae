using System.Globalization;
using System.Text;
using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>What one destination says, once it has been found where it begins and ends.</summary>
internal static class AliasWords
{
    /// <summary>A reply is one line of at most 512 octets (RFC 5321 §4.5.3.1.5).</summary>
    private const int MostReplyText = 400;

    private const string Include = ":include:";

    /// <summary>Reads a destination whole, its quotes taken off.</summary>
    /// <param name="trouble">Why it is <see cref="AliasDestinationKind.Broken"/>; <c>null</c> if it is not.</param>
    public static AliasDestination Read(string text, AliasPlace place, out string? trouble)
    {
        trouble = null;
        if (IsUnreadable(text))
        {
            return Broken(place, out trouble, "control characters, or octets that are not UTF-8");
        }

        if (text.StartsWith('|'))
        {
            return Command(text[1..].Trim(), place, out trouble);
        }

        if (text.StartsWith('/'))
        {
            return Path(text, place);
        }

        if (text.StartsWith(':') || text.StartsWith("error:", StringComparison.OrdinalIgnoreCase))
        {
            return Special(text, place, out trouble);
        }

        bool isFinal = text.StartsWith('\\');
        if (!MailboxParser.TryParse(isFinal ? text.AsSpan(1) : text, out Mailbox? address))
        {
            return Broken(place, out trouble, $"\"{Shown(text)}\" is not an address");
        }

        return isFinal && !address!.IsBare
            ? Broken(place, out trouble, $"\"{Shown(text)}\": \\ stands before a name at this machine, without a domain")
            : new AliasDestination(isFinal ? AliasDestinationKind.Final : AliasDestinationKind.Address, place, Address: address);
    }

    /// <summary>Whether there is something in a word that no editor would show.</summary>
    public static bool IsUnreadable(string text) => text.Any(letter => (char.IsControl(letter) && letter != '\t') || letter == '\ufffd');

    public static AliasDestination Broken(AliasPlace place, out string trouble, string why)
    {
        trouble = why;
        return new AliasDestination(AliasDestinationKind.Broken, place, Reply: AliasReplies.Broken(place));
    }

    /// <summary>Whether the rest of the line, blanks and commas included, belongs to a destination that begins so.</summary>
    public static bool TakesTheLine(ReadOnlySpan<char> text) =>
        text.StartsWith(":fail:", StringComparison.OrdinalIgnoreCase)
        || text.StartsWith(":defer:", StringComparison.OrdinalIgnoreCase)
        || text.StartsWith("error:", StringComparison.OrdinalIgnoreCase);

    private static AliasDestination Command(string command, AliasPlace place, out string? trouble)
    {
        trouble = null;

        // |"program arguments" and "|program arguments" say the same.
        if (command.Length > 2 && command[0] == '"' && command.IndexOf('"', 1) == command.Length - 1)
        {
            command = command[1..^1].Trim();
        }

        return command.Length == 0
            ? Broken(place, out trouble, "| needs a program behind it")
            : new AliasDestination(AliasDestinationKind.Command, place, command);
    }

    private static AliasDestination Path(string path, AliasPlace place) => path switch
    {
        "/dev/null" => new AliasDestination(AliasDestinationKind.Blackhole, place),
        [.., '/'] => new AliasDestination(AliasDestinationKind.Folder, place, path),
        _ => new AliasDestination(AliasDestinationKind.File, place, path),
    };

    private static AliasDestination Special(string text, AliasPlace place, out string? trouble)
    {
        trouble = null;
        if (text.StartsWith(Include, StringComparison.OrdinalIgnoreCase))
        {
            string path = text[Include.Length..].Trim();
            return path.StartsWith('/')
                ? new AliasDestination(AliasDestinationKind.Include, place, path)
                : Broken(place, out trouble, $":include: needs an absolute path, not \"{Shown(path)}\"");
        }

        string word = text[..(text.IndexOf(':', 1) + 1)].ToUpperInvariant();
        string rest = text[word.Length..].Trim();
        SmtpReply? reply = word switch
        {
            ":FAIL:" => Reply(rest, new SmtpReply(550, 7, 1, "Delivery is refused")),
            ":DEFER:" => Reply(rest, new SmtpReply(450, 2, 1, "Not now, try again later")),
            ":UNKNOWN:" => new SmtpReply(550, 1, 1, "No such user here"),
            "ERROR:" => Reply(rest, default),
            _ => null,
        };
        return (word, reply) switch
        {
            (":BLACKHOLE:", _) => new AliasDestination(AliasDestinationKind.Blackhole, place),
            (_, { Code: not 0 }) => new AliasDestination(AliasDestinationKind.Refusal, place, Reply: reply),
            ("ERROR:", _) => Broken(place, out trouble, "error: needs a code from 400 to 599 and a text: error:550 5.7.1 Not here"),
            (":FAIL:" or ":DEFER:", _) => Broken(place, out trouble, $"the code {rest[..3]} does not fit {word.ToLowerInvariant()}"),
            _ => Broken(
                place,
                out trouble,
                $"\"{Shown(text)}\" is none of :include:/path, :fail: text, :defer: text, :blackhole: and :unknown:"),
        };
    }

    /// <summary>Reads <c>[550 [5.7.1]] [text]</c>.</summary>
    /// <param name="unsaid">What stands where nothing else does; all zero where a code must be given.</param>
    /// <returns>Code 0 if the code is of the wrong kind or missing.</returns>
    private static SmtpReply Reply(string text, SmtpReply unsaid)
    {
        int code = unsaid.Code;
        StatusDetail? status = unsaid.Status;
        if (text.Length >= 3 && (text.Length == 3 || text[3] == ' ') && int.TryParse(text.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture, out int given))
        {
            if (given is < 400 or > 599 || (unsaid.Code != 0 && given / 100 != unsaid.Code / 100))
            {
                return default;
            }

            code = given;
            text = text[3..].TrimStart();
            string[] words = text.Split(' ', 2);
            string[] numbers = words[0].Split('.');
            if (numbers.Length == 3
                && numbers[0] is "4" or "5"
                && TryNumber(numbers[1], out int subject)
                && TryNumber(numbers[2], out int detail))
            {
                status = new StatusDetail(subject, detail);
                text = words.Length > 1 ? words[1].TrimStart() : "";
            }
        }

        return new SmtpReply(code, status ?? StatusDetail.Undefined, text.Length > 0 ? Ascii(text) : unsaid.Text ?? "");
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= 999;

    private static string Ascii(string text)
    {
        var ascii = new StringBuilder(Math.Min(text.Length, MostReplyText));
        foreach (char letter in text.AsSpan(0, Math.Min(text.Length, MostReplyText)))
        {
            ascii.Append(letter is >= ' ' and <= '~' ? letter : '?');
        }

        // Where it is cut, a blank may stand, which would not be read again.
        return ascii.ToString().TrimEnd(' ');
    }

    private static string Shown(string text) => text.Length <= 60 ? text : text[..57] + "…";
}
