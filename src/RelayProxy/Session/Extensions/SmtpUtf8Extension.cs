using RelayProxy.Smtp;

namespace RelayProxy.Session.Extensions;

/// <summary>SMTPUTF8 (RFC 6531): addresses and header fields in UTF-8, for this message. The parameter takes no value.</summary>
internal sealed class SmtpUtf8Extension : Extension
{
    protected override string Announce(SessionOptions options) => "SMTPUTF8";

    protected override ParameterStatus ReadMail(SmtpParameter parameter, MailRequest request)
    {
        if (parameter.Keyword != "SMTPUTF8")
        {
            return ParameterStatus.NotMine;
        }

        request.IsSmtpUtf8 = true;
        return TakenIf(parameter.Value is null);
    }
}
