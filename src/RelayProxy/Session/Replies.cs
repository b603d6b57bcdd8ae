using System.Globalization;
using RelayProxy.Mail;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Session;

/// <summary>Everything that a session can answer, by name. Replies that concern a recipient's name or the queue's state come from
/// <c>Intake</c>, ready made.</summary>
internal static class Replies
{
    // Going well.
    public static readonly SmtpReply SenderOk = new(250, 1, 0, "Sender ok");
    public static readonly SmtpReply RecipientOk = new(250, 1, 5, "Recipient ok");
    public static readonly SmtpReply GoAhead = new(354, null, "End the message with CRLF.CRLF");
    public static readonly SmtpReply ChunkOk = new(250, 0, 0, "Chunk taken");
    public static readonly SmtpReply Reset = new(250, 0, 0, "Nothing is under way any more");
    public static readonly SmtpReply Noop = new(250, 0, 0, "Ok");
    public static readonly SmtpReply Goodbye = new(221, 0, 0, "Goodbye");
    public static readonly SmtpReply CannotVerify = new(252, 0, 0, "Not verified here: send to it, and delivery will tell");

    // The form of a command.
    public static readonly SmtpReply LineTooLong = new(500, 5, 2, "Line too long");
    public static readonly SmtpReply UnknownCommand = new(500, 5, 2, "Unknown command");
    public static readonly SmtpReply NulOrBareNewline = new(500, 5, 2, "NUL, and CR or LF by itself, have no place in a command");
    public static readonly SmtpReply ControlCharacter = new(501, 5, 2, "Control characters have no place in a command");
    public static readonly SmtpReply NotAscii = new(501, 5, 2, "This command takes ASCII only");
    public static readonly SmtpReply NotImplemented = new(502, 5, 1, "Not implemented here");
    public static readonly SmtpReply NoArgument = new(501, 5, 4, "This command takes no argument");
    public static readonly SmtpReply HeloSyntax = new(501, 5, 4, "Say who you are: EHLO name");
    public static readonly SmtpReply MailSyntax = new(501, 5, 4, "Syntax: MAIL FROM:<address> [parameters]");
    public static readonly SmtpReply RcptSyntax = new(501, 5, 4, "Syntax: RCPT TO:<address> [parameters]");
    public static readonly SmtpReply VrfySyntax = new(501, 5, 4, "Syntax: VRFY address");
    public static readonly SmtpReply BdatSyntax = new(501, 5, 4, "Syntax: BDAT octets [LAST]");
    public static readonly SmtpReply ParameterSyntax = new(501, 5, 4, "Parameters are KEYWORD or KEYWORD=value, one blank between, none twice");
    public static readonly SmtpReply ParameterValue = new(501, 5, 4, "A parameter has a value that it cannot have");
    public static readonly SmtpReply UnknownParameter = new(555, 5, 4, "Unknown parameter");

    // The order of commands.
    public static readonly SmtpReply HeloFirst = new(503, 5, 1, "Say HELO or EHLO first");
    public static readonly SmtpReply MailFirst = new(503, 5, 1, "Say MAIL first");
    public static readonly SmtpReply RcptFirst = new(503, 5, 1, "Say RCPT first");
    public static readonly SmtpReply SenderAlreadyGiven = new(503, 5, 1, "The sender has been given; RSET starts over");
    public static readonly SmtpReply InsideChunks = new(503, 5, 1, "BDAT goes on until LAST; RSET starts over");
    public static readonly SmtpReply NoValidRecipients = new(554, 5, 1, "No valid recipients");

    // Addresses.
    public static readonly SmtpReply BadSender = new(501, 1, 7, "Not an address");
    public static readonly SmtpReply BadRecipient = new(501, 1, 3, "Not an address");
    public static readonly SmtpReply SenderTooLong = new(553, 1, 7, "The address is longer than an address can be");
    public static readonly SmtpReply RecipientTooLong = new(553, 1, 3, "The address is longer than an address can be");
    public static readonly SmtpReply SenderNeedsSmtpUtf8 = new(550, 6, 7, "Such an address needs the SMTPUTF8 parameter");
    public static readonly SmtpReply RecipientNeedsSmtpUtf8 = new(553, 6, 7, "Such an address needs SMTPUTF8 at MAIL");
    public static readonly SmtpReply TooManyRecipients = new(452, 5, 3, "Too many recipients for one message: send the rest in another");

    // The message.
    public static readonly SmtpReply MessageTooLarge = new(552, 3, 4, "The message is larger than is allowed here");
    public static readonly SmtpReply TooMuchUnderWay = new(452, 3, 1, "Too much mail is coming in just now: try again later");
    public static readonly SmtpReply BareNewlineInMessage = new(550, 6, 11, "The message holds CR or LF by itself: every line ends with CRLF");

    // Farewells that are not asked for.
    public static readonly SmtpReply WaitedTooLong = new(421, 4, 2, "Waited too long: closing");
    public static readonly SmtpReply TooSlow = new(421, 4, 2, "The message comes in too slowly: closing");
    public static readonly SmtpReply TooManyCommands = new(421, 7, 0, "Too many commands in one session: closing");
    public static readonly SmtpReply TooManyErrors = new(421, 7, 0, "Too many errors: closing");
    public static readonly SmtpReply ForeignProtocol = new(421, 7, 0, "This is an SMTP server: closing");
    public static readonly SmtpReply ContentAsCommands = new(554, 5, 0, "This is content, and DATA was refused: closing");
    public static readonly SmtpReply Stopping = new(421, 3, 2, "The relay is stopping: closing");
    public static readonly SmtpReply Fault = new(421, 3, 0, "A fault of this relay, not of your mail: try again later");
    public static readonly SmtpReply TooManyConnections = new(421, 7, 0, "Too many connections: try again later");
    public static readonly SmtpReply NotFromHere = new(554, 7, 1, "This relay does not serve your address");

    public static readonly SmtpReply NotAUser = new(554, 7, 1, "This relay serves some users of its own machine (Listener:AllowedUsers)");

    // Whoever is in haste, or a database that is away: the next time it may be told.
    public static readonly SmtpReply UserNotKnown = new(421, 7, 1, "Who you are cannot be told just now, and not everybody may send mail here: try again later");

    public static readonly SmtpReply Help = new(
        214, 0, 0, "A mail relay for the programs of this host.\n" + string.Join(' ', SmtpVerbs.Names) + "\nRFC 5321 tells the rest.");

    public static SmtpReply Greeting(string hostName) => new(220, null, $"{hostName} ESMTP");

    public static SmtpReply Helo(string hostName) => new(250, null, hostName);

    /// <summary>One line for each extension, ours first (RFC 5321 §4.1.1.1).</summary>
    public static SmtpReply Ehlo(string hostName, IEnumerable<string> keywords) =>
        new(250, null, string.Join('\n', keywords.Prepend(hostName)));

    public static SmtpReply TooLarge(long limit) =>
        new(552, 3, 4, string.Create(CultureInfo.InvariantCulture, $"The message is larger than the {limit} octets that are allowed here"));

    /// <summary>The greeting of whoever is not to send (RFC 5321 §3.1).</summary>
    public static SmtpReply UserRefused(string user, string setting) => new(554, 7, 1, $"{user} may not send mail here ({setting})");

    /// <summary>At MAIL. It says when to come again: programs do not heed it, and people do.</summary>
    public static SmtpReply TooManyMessages(int limit, TimeSpan wait) => new(450, 7, 1, string.Create(
        CultureInfo.InvariantCulture,
        $"More than {limit} messages an hour (Listener:MaxMessagesPerUserPerHour): come again in {Math.Max(1, (int)Math.Ceiling(wait.TotalMinutes))} min"));

    public static SmtpReply Health(HealthReport report) => report.IsWell
        ? new(211, 0, 0, report.ToString())
        : new(451, 3, 0, report.ToString());

    /// <summary>A verb that may not come now.</summary>
    public static SmtpReply OutOfOrder(Phases now, Phases allowed) => now switch
    {
        Phases.Strangers => HeloFirst,
        Phases.Ready => MailFirst,
        Phases.Chunks => InsideChunks,
        _ => (allowed & Phases.Recipients) != 0 ? RcptFirst : SenderAlreadyGiven,
    };

    /// <summary>A path in MAIL that is none; <c>null</c> if it is one.</summary>
    public static SmtpReply? OfSender(PathStatus status) => status switch
    {
        PathStatus.Ok or PathStatus.Null => null,
        PathStatus.Malformed or PathStatus.InvalidUtf8 => BadSender,
        PathStatus.NeedsSmtpUtf8 => SenderNeedsSmtpUtf8,
        PathStatus.TooLong => SenderTooLong,
    };

    /// <summary>A path in RCPT that is none; <c>null</c> if it is one. Nobody is addressed by <c>&lt;&gt;</c>.</summary>
    public static SmtpReply? OfRecipient(PathStatus status) => status switch
    {
        PathStatus.Ok => null,
        PathStatus.Null or PathStatus.Malformed or PathStatus.InvalidUtf8 => BadRecipient,
        PathStatus.NeedsSmtpUtf8 => RecipientNeedsSmtpUtf8,
        PathStatus.TooLong => RecipientTooLong,
    };
}
