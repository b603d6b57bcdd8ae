using RelayProxy.Smtp;

namespace RelayProxy.Session;

/// <summary>Obeys one command. What it answers is written by the session, which also sees to the order of replies.</summary>
/// <param name="argument">What follows the verb, without blanks around it. Valid until the handler reads from the connection.</param>
internal delegate ValueTask<SmtpReply> CommandHandler(SmtpSession session, ReadOnlyMemory<byte> argument);

/// <param name="Name">In upper case.</param>
/// <param name="Allowed">When it may come; otherwise it is answered 503 without the handler.</param>
/// <param name="LastInGroup">The client waits for this reply before it says more (RFC 2920 §3.1), so it leaves at once, with all
/// before it.</param>
internal sealed record SmtpVerb(string Name, Phases Allowed, bool LastInGroup, CommandHandler Handler)
{
    /// <summary>For whoever counts refusals: what moves no mail is all one.</summary>
    public string Stage => Name switch
    {
        "MAIL" => "mail",
        "RCPT" => "rcpt",
        "DATA" or "BDAT" => "data",
        _ => "other",
    };
}
