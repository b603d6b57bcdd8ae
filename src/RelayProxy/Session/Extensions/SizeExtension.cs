using System.Globalization;
using RelayProxy.Smtp;

namespace RelayProxy.Session.Extensions;

/// <summary>SIZE (RFC 1870): what is too large is refused before an octet of it is sent. It is a hint, never the way to find the
/// end of a message.</summary>
internal sealed class SizeExtension : Extension
{
    /// <summary>size-value ::= 1*20DIGIT (RFC 1870 §4).</summary>
    private const int MaxDigits = 20;

    protected override string Announce(SessionOptions options) =>
        string.Create(CultureInfo.InvariantCulture, $"SIZE {options.MaxMessageOctets}");

    protected override ParameterStatus ReadMail(SmtpParameter parameter, MailRequest request)
    {
        if (parameter.Keyword != "SIZE")
        {
            return ParameterStatus.NotMine;
        }

        string? value = parameter.Value;
        if (value is null || value.Length > MaxDigits || value.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            return ParameterStatus.BadValue;
        }

        // Twenty nines are more than a long can hold, and more than any limit: too large, not malformed.
        request.DeclaredOctets = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long octets) ? octets : long.MaxValue;
        return ParameterStatus.Taken;
    }
}
