using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Session.Extensions;

/// <summary>DSN (RFC 3461): what the sender wants to hear, of whom, and under which names. Values are kept as they came; what they
/// decode to is looked at only to refuse what could do harm.</summary>
internal sealed class DsnExtension : Extension
{
    /// <summary>Octets of ENVID, in xtext (RFC 3461 §5.4).</summary>
    private const int MaxEnvelopeId = 100;

    /// <summary>Octets of ORCPT (RFC 3461 §5.4).</summary>
    private const int MaxOriginalRecipient = 500;

    protected override string Announce(SessionOptions options) => "DSN";

    protected override ParameterStatus ReadMail(SmtpParameter parameter, MailRequest request)
    {
        switch (parameter.Keyword)
        {
            case "RET":
                request.Return = ReadReturn(parameter.Value);
                return TakenIf(request.Return != DsnReturn.Unspecified);
            case "ENVID":
                request.EnvelopeId = parameter.Value;
                return TakenIf(parameter.Value is { Length: <= MaxEnvelopeId } xtext && Xtext.TryDecode(xtext, out _));
            default:
                return ParameterStatus.NotMine;
        }
    }

    protected override ParameterStatus ReadRcpt(SmtpParameter parameter, RcptRequest request)
    {
        switch (parameter.Keyword)
        {
            case "NOTIFY":
                request.Notify = ReadNotify(parameter.Value);
                return TakenIf(request.Notify != DsnNotify.Unspecified);
            case "ORCPT":
                request.OriginalRecipient = parameter.Value;
                return TakenIf(parameter.Value is { Length: <= MaxOriginalRecipient } value && IsOriginalRecipient(value));
            default:
                return ParameterStatus.NotMine;
        }
    }

    private static DsnReturn ReadReturn(ReadOnlySpan<char> value) => value switch
    {
        _ when value.Equals("FULL", StringComparison.OrdinalIgnoreCase) => DsnReturn.Full,
        _ when value.Equals("HDRS", StringComparison.OrdinalIgnoreCase) => DsnReturn.Headers,
        _ => DsnReturn.Unspecified,
    };

    /// <summary><c>NEVER</c> alone, or a list of the others (RFC 3461 §4.1). <see cref="DsnNotify.Unspecified"/> for what is neither.</summary>
    private static DsnNotify ReadNotify(ReadOnlySpan<char> value)
    {
        if (value.Equals("NEVER", StringComparison.OrdinalIgnoreCase))
        {
            return DsnNotify.Never;
        }

        DsnNotify notify = DsnNotify.Unspecified;
        foreach (Range range in value.Split(','))
        {
            DsnNotify one = value[range] switch
            {
                var word when word.Equals("SUCCESS", StringComparison.OrdinalIgnoreCase) => DsnNotify.Success,
                var word when word.Equals("FAILURE", StringComparison.OrdinalIgnoreCase) => DsnNotify.Failure,
                var word when word.Equals("DELAY", StringComparison.OrdinalIgnoreCase) => DsnNotify.Delay,
                _ => DsnNotify.Unspecified,
            };
            if (one == DsnNotify.Unspecified)
            {
                return DsnNotify.Unspecified;
            }

            notify |= one;
        }

        return notify;
    }

    /// <summary><c>addr-type ";" xtext</c> (RFC 3461 §4.2); with the type <c>utf-8</c> the address may also be plain UTF-8
    /// (RFC 6533 §3), of which the parameter's own grammar has already kept out blanks and control characters.</summary>
    private static bool IsOriginalRecipient(string value)
    {
        int semicolon = value.IndexOf(';', StringComparison.Ordinal);
        if (semicolon <= 0 || semicolon == value.Length - 1 || !IsAtom(value.AsSpan(0, semicolon)))
        {
            return false;
        }

        ReadOnlySpan<char> address = value.AsSpan(semicolon + 1);
        return Xtext.TryDecode(address, out _)
            || (value.StartsWith("utf-8;", StringComparison.OrdinalIgnoreCase)
                && !System.Text.Ascii.IsValid(address) && !address.ContainsAnyInRange('\x7f', '\u009f'));
    }

    private static bool IsAtom(ReadOnlySpan<char> text)
    {
        foreach (char letter in text)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.' or '+' or '/'))
            {
                return false;
            }
        }

        return true;
    }
}
