using RelayProxy.Smtp;

namespace RelayProxy.Session.Extensions;

/// <summary>What became of a parameter that was shown to an extension.</summary>
internal enum ParameterStatus
{
    /// <summary>Another extension's, or nobody's.</summary>
    NotMine,

    Taken,

    /// <summary>The value is not one: 501 5.5.4.</summary>
    BadValue,
}

/// <summary>One service extension (RFC 5321 §2.2): how EHLO announces it, and the parameters that it adds to MAIL and RCPT. A verb that
/// it adds stands in <see cref="SmtpVerbs"/>. What is announced works; what is not announced is refused.</summary>
internal abstract class Extension
{
    /// <summary>Every extension, in the order of the EHLO reply.</summary>
    private static readonly Extension[] s_all =
    [
        new PipeliningExtension(),
        new SizeExtension(),
        new EightBitMimeExtension(),
        new SmtpUtf8Extension(),
        new ChunkingExtension(),
        new EnhancedStatusCodesExtension(),
        new DsnExtension(),
    ];

    /// <summary>The lines of an EHLO reply.</summary>
    public static IEnumerable<string> Keywords(SessionOptions options) => s_all.Select(extension => extension.Announce(options));

    /// <summary>The parameters of a MAIL; the refusal of the first that is wrong, or <c>null</c>.</summary>
    public static SmtpReply? ReadMail(List<SmtpParameter> parameters, MailRequest request)
    {
        foreach (SmtpParameter parameter in parameters)
        {
            ParameterStatus status = ParameterStatus.NotMine;
            for (int i = 0; i < s_all.Length && status == ParameterStatus.NotMine; i++)
            {
                status = s_all[i].ReadMail(parameter, request);
            }

            if (RefusalOf(status) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>As <see cref="ReadMail(List{SmtpParameter}, MailRequest)"/>, of a RCPT.</summary>
    public static SmtpReply? ReadRcpt(List<SmtpParameter> parameters, RcptRequest request)
    {
        foreach (SmtpParameter parameter in parameters)
        {
            ParameterStatus status = ParameterStatus.NotMine;
            for (int i = 0; i < s_all.Length && status == ParameterStatus.NotMine; i++)
            {
                status = s_all[i].ReadRcpt(parameter, request);
            }

            if (RefusalOf(status) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    /// <summary>The keyword and its parameters, as EHLO says them.</summary>
    protected abstract string Announce(SessionOptions options);

    protected virtual ParameterStatus ReadMail(SmtpParameter parameter, MailRequest request) => ParameterStatus.NotMine;

    protected virtual ParameterStatus ReadRcpt(SmtpParameter parameter, RcptRequest request) => ParameterStatus.NotMine;

    protected static ParameterStatus TakenIf(bool valid) => valid ? ParameterStatus.Taken : ParameterStatus.BadValue;

    private static SmtpReply? RefusalOf(ParameterStatus status) => status switch
    {
        ParameterStatus.Taken => null,
        ParameterStatus.BadValue => Replies.ParameterValue,
        ParameterStatus.NotMine => Replies.UnknownParameter,
    };
}
