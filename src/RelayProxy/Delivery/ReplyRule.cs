using System.Diagnostics.CodeAnalysis;
using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery;

/// <summary>What a smarthost means by a reply, where its code alone does not say.</summary>
internal enum ReplyMeaning
{
    /// <summary><c>auth</c>: the login, or what the account may do, has to be mended by a person.</summary>
    Auth,

    /// <summary><c>quota</c>: the allowance of the hour or the day is used up, whether it says so with 4 or with 5.</summary>
    Quota,

    /// <summary><c>recipients</c>: no more recipients in this transaction.</summary>
    Recipients,

    /// <summary><c>throttle</c>: slower.</summary>
    Throttle,

    /// <summary><c>sender</c>: this account may not send as this address, or not to where it should go.</summary>
    Sender,

    /// <summary><c>defer</c>: try again, whatever the code.</summary>
    Defer,

    /// <summary><c>bounce</c>: give up, whatever the code.</summary>
    Bounce,
}

/// <summary>
/// One line of <see cref="ReplyRules"/>: <c>meaning stage code status words…</c>, for example
/// <c>quota * 55x * daily limit</c>. The stage is a <see cref="DeliveryStage"/> or <c>*</c>; the code's digits may be <c>x</c>; the
/// status (<c>5.4.5</c>) may have <c>*</c> for any of its numbers or as a whole; of the words every one must begin a word of
/// the reply, in any order and any case.
/// </summary>
internal sealed class ReplyRule
{
    private DeliveryStage? _stage;
    private string _code = "";
    private string[]? _status;
    private string[] _words = [];

    private ReplyRule(ReplyMeaning meaning) => Meaning = meaning;

    public ReplyMeaning Meaning { get; }

    /// <summary>False if the line does not have the form above.</summary>
    public static bool TryParse(string line, [NotNullWhen(true)] out ReplyRule? rule)
    {
        rule = null;
        string[] parts = line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length < 4 || !IsName(parts[0]) || !Enum.TryParse(parts[0], ignoreCase: true, out ReplyMeaning meaning))
        {
            return false;
        }

        DeliveryStage stage = default;
        if (parts[1] != "*" && !(IsName(parts[1]) && Enum.TryParse(parts[1], ignoreCase: true, out stage)))
        {
            return false;
        }

        string[]? status = parts[3] == "*" ? null : parts[3].Split('.');
        if (!IsCode(parts[2]) || status is { Length: not 3 } || status?.All(IsNumberOrStar) == false)
        {
            return false;
        }

        rule = new ReplyRule(meaning)
        {
            _stage = parts[1] == "*" ? null : stage,
            _code = parts[2],
            _status = status,
            _words = parts[4..],
        };
        return true;
    }

    public bool Matches(DeliveryStage stage, SmtpReply reply) =>
        (_stage is null || _stage == stage) && CodeFits(reply.Code) && StatusFits(reply) && _words.All(word => BeginsAWord(reply.Text, word));

    private bool CodeFits(int code) =>
        Fits(_code[0], code / 100) && Fits(_code[1], code / 10 % 10) && Fits(_code[2], code % 10);

    private bool StatusFits(SmtpReply reply)
    {
        if (_status is null)
        {
            return true;
        }

        return reply.Status is { } status
            && Fits(_status[0], reply.Code / 100) && Fits(_status[1], status.Subject) && Fits(_status[2], status.Detail);
    }

    private static bool Fits(char pattern, int digit) => pattern == 'x' || pattern - '0' == digit;

    private static bool Fits(string pattern, int number) => pattern == "*" || int.Parse(pattern, System.Globalization.CultureInfo.InvariantCulture) == number;

    // "rate" is in "Sending rate exceeded" but not in "corporate policy".
    private static bool BeginsAWord(string text, string word)
    {
        for (int at = 0; (at = text.IndexOf(word, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            if (at == 0 || !char.IsAsciiLetterOrDigit(text[at - 1]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsName(string text) => char.IsAsciiLetter(text[0]);

    private static bool IsCode(string text) =>
        text.Length == 3 && text[0] is '4' or '5' or 'x' && text.All(letter => letter == 'x' || char.IsAsciiDigit(letter));

    private static bool IsNumberOrStar(string text) => text == "*" || (text.Length is > 0 and <= 3 && text.All(char.IsAsciiDigit));
}
