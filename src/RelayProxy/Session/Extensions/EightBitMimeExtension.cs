using RelayProxy.Smtp;

namespace RelayProxy.Session.Extensions;

/// <summary>8BITMIME (RFC 6152): BODY=7BIT or BODY=8BITMIME. BINARYMIME is not offered, so it is no value.</summary>
internal sealed class EightBitMimeExtension : Extension
{
    protected override string Announce(SessionOptions options) => "8BITMIME";

    protected override ParameterStatus ReadMail(SmtpParameter parameter, MailRequest request)
    {
        if (parameter.Keyword != "BODY")
        {
            return ParameterStatus.NotMine;
        }

        request.Is8BitMime = "8BITMIME".Equals(parameter.Value, StringComparison.OrdinalIgnoreCase);
        return TakenIf(request.Is8BitMime || "7BIT".Equals(parameter.Value, StringComparison.OrdinalIgnoreCase));
    }
}
