using System.Text;

namespace RelayProxy.Session;

/// <summary>The table of commands: what is not here is not understood.</summary>
internal static class SmtpVerbs
{
    // DATA and BDAT judge the phase themselves: what follows a refused one must still be known for content.
    private static readonly SmtpVerb[] s_verbs =
    [
        new("MAIL", Phases.Ready, LastInGroup: false, static (session, argument) => new(session.Mail(argument.Span))),
        new("RCPT", Phases.Sender | Phases.Recipients, LastInGroup: false, static (session, argument) => new(session.Rcpt(argument.Span))),
        new("DATA", Phases.Any, LastInGroup: true, static (session, argument) => session.DataAsync(argument)),
        new("BDAT", Phases.Any, LastInGroup: false, static (session, argument) => session.BdatAsync(argument)),
        new("RSET", Phases.Any, LastInGroup: false, static (session, argument) => session.RsetAsync(argument)),
        new("EHLO", Phases.Any, LastInGroup: true, static (session, argument) => session.EhloAsync(argument)),
        new("HELO", Phases.Any, LastInGroup: true, static (session, argument) => session.HeloAsync(argument)),
        new("QUIT", Phases.Any, LastInGroup: true, static (session, argument) => new(session.Quit(argument.Span))),
        new("NOOP", Phases.Any, LastInGroup: true, static (_, _) => new(Replies.Noop)),
        new("VRFY", Phases.Any, LastInGroup: true, static (_, argument) => new(SmtpSession.Vrfy(argument.Span))),
        new("HELP", Phases.Any, LastInGroup: true, static (session, argument) => session.HelpAsync(argument)),
    ];

    /// <summary>Known from other servers, and not offered here: 502, where an unknown verb is 500 (RFC 5321 §4.2.4).</summary>
    private static readonly SmtpVerb[] s_notImplemented =
    [
        .. new[] { "EXPN", "ETRN", "TURN", "AUTH", "STARTTLS", "SEND", "SOML", "SAML" }.Select(
            static name => new SmtpVerb(name, Phases.Any, LastInGroup: true, static (_, _) => new(Replies.NotImplemented))),
    ];

    /// <summary>Those that are obeyed.</summary>
    public static IEnumerable<string> Names => s_verbs.Select(verb => verb.Name);

    public static SmtpVerb? Find(ReadOnlySpan<byte> word) => Find(s_verbs, word) ?? Find(s_notImplemented, word);

    private static SmtpVerb? Find(SmtpVerb[] verbs, ReadOnlySpan<byte> word)
    {
        foreach (SmtpVerb verb in verbs)
        {
            if (Ascii.EqualsIgnoreCase(word, verb.Name))
            {
                return verb;
            }
        }

        return null;
    }
}
