using RelayProxy.Harness;
using RelayProxy.Mail;

namespace RelayProxy.Proof.Bounces;

/// <summary>One way in which mail can fail, and what its sender is to read in the bounce.</summary>
/// <param name="Name">What happens, in a few words.</param>
/// <param name="Arrange">Has it happen.</param>
/// <param name="Expected">Recipient and status, of those that fail.</param>
internal sealed record Failure(string Name, Action<DeliveryUnderTest> Arrange, params (string Recipient, string Status)[] Expected)
{
    private const string Ann = "ann@example.org";

    /// <summary>Whom the message is for, if they are not just those who fail.</summary>
    public IReadOnlyList<Recipient>? For { get; init; }

    public IReadOnlyList<Recipient> Recipients => For ?? [.. Expected.Select(failed => new Recipient(Address(failed.Recipient)))];

    public string Content { get; init; } = "Subject: Backup done\r\nMessage-ID: <b1@example.net>\r\n\r\nAll is well.\r\n";

    public Envelope Envelope => new() { Sender = Address("alice@example.net"), DeclaredSmtpUtf8 = Recipients.Any(recipient => !recipient.Address.IsAscii) };

    /// <summary>How long it takes until the bounce is written.</summary>
    public TimeSpan After { get; init; }

    /// <summary>Where the sender wrote to another address: that one.</summary>
    public string? Original { get; init; }

    /// <summary>The readers that find no recipient in it, and why is said there.</summary>
    public IReadOnlyList<string> Unread { get; init; } = [];

    /// <summary>Where it is no failure yet.</summary>
    public bool IsDelay { get; init; }

    public static IReadOnlyList<Failure> All { get; } =
    [
        // The recipient's fault. ("Relay access denied" is the operator's: such mail is parked, and nobody gets a bounce.)
        Rcpt("an unknown user", "550 5.1.1 <ann@example.org>: Recipient address rejected: User unknown", "5.1.1"),
        Rcpt("an unknown user, without a status", "550 No such user here", "5.0.0"),
        Rcpt("an unknown domain", "550 5.1.2 Host unknown", "5.1.2"),
        Rcpt("a full mailbox", "550 5.2.2 Mailbox is full", "5.2.2"),
        Rcpt("a mailbox that is closed", "550 5.2.1 This account has been disabled", "5.2.1"),
        Rcpt("a recipient that has moved", "551 5.1.6 User has moved; please try <bob@example.com>", "5.1.6"),
        Rcpt("a reply of many lines", "550-5.1.1 The email account that you tried to reach does not exist. Please try\n550-5.1.1 double-checking "
            + "the recipient's email address for typos or\n550-5.1.1 unnecessary spaces. For more information, go to\n550 5.1.1  https://support.example.com/?p=NoSuchUser a-1.2 - gsmtp", "5.1.1"),
        Rcpt("a reply with a report's own words", "550 5.1.1 Final-Recipient: rfc822; eve@example.com Action: delivered Status: 2.0.0", "5.1.1"),
        Rcpt("a reply that is not in ASCII", "550 5.1.1 Empf\u00e4nger unbekannt", "5.1.1"),

        // The message's.
        Dot("content that is refused", "554 5.7.1 Message rejected as spam", "5.7.1"),
        Dot("a sender whose domain forbids it", "550 5.7.26 Unauthenticated email from example.net is not accepted due to its DMARC policy", "5.7.26"),
        Dot("content that nobody understands", "554 5.6.0 Message is not RFC 2822 compliant", "5.6.0"),
        Dot("a virus", "552 5.7.0 This message was blocked because its content presents a potential security issue", "5.7.0"),
        Dot("a message that is too large in the end", "552 5.3.4 Message size exceeds fixed limit", "5.3.4"),
        Dot("a mailing loop", "554 5.4.6 Too many hops", "5.4.6"),
        new("a message that is larger than the smarthost takes", relay => relay.Smarthost.Offers = ["PIPELINING", "SIZE 10000", "8BITMIME", "AUTH PLAIN"], (Ann, "5.3.4"))
        {
            Content = "Subject: large\r\n\r\n" + string.Concat(Enumerable.Repeat("0123456789abcdef\r\n", 1000)),
        },
        new("an address that needs SMTPUTF8", relay => relay.Smarthost.Offers = ["PIPELINING", "SIZE 100000", "8BITMIME", "AUTH PLAIN"], ("j\\x{F6}rg@example.org", "5.6.7"))
        {
            // As RFC 6533 writes such an address in ASCII, which these two are too old for.
            Unread = ["flufl.bounce", "sisimai"],
            For = [new Recipient(Address("j\u00f6rg@example.org"))],
        },

        // Nobody's, for too long.
        Rcpt("an answer put off for five days", "450 4.2.0 Greylisted", "4.4.7", TimeSpan.FromDays(5.1)),
        new("a smarthost that is away for five days", relay => relay.IsAway = true, (Ann, "4.4.7")) { After = TimeSpan.FromDays(5.1) },
        new("a smarthost that no name server knows", relay => relay.Wire = _ => throw new IOException("smarthost.test: Name or service not known"), (Ann, "4.4.7")) { After = TimeSpan.FromDays(5.1) },
        new("a password that has expired", relay => relay.SmarthostOptions = WrongPassword(relay), (Ann, "4.4.7")) { After = TimeSpan.FromDays(5.1) },
        Rcpt("a delay, which is no failure yet", "450 4.2.0 Greylisted", "4.2.0", TimeSpan.FromHours(4.5)) with 
        {
            IsDelay = true,

            // A delay is no bounce.
            Unread = ["bounceparser"],
        },

        // Several recipients, each with an end of his own.
        new("several recipients", relay => relay.Smarthost.OnRcpt = step => step.Line switch
        {
            var line when line.Contains("ann@", StringComparison.Ordinal) => "550 5.1.1 No such user",
            var line when line.Contains("full@", StringComparison.Ordinal) => "550 5.2.2 Mailbox full",
            var line when line.Contains("late@", StringComparison.Ordinal) => "450 4.2.0 Greylisted",
            _ => "250 2.1.5 Ok",
        }, (Ann, "5.1.1"), ("full@example.org", "5.2.2"))
        {
            For = [.. new[] { Ann, "good@example.org", "full@example.org", "late@example.org" }.Select(address => new Recipient(Address(address)))],
        },
        Rcpt("a hundred recipients", "550 5.1.1 No such user", "5.1.1") with
        {
            For = [.. Enumerable.Range(0, 100).Select(i => new Recipient(Address($"u{i}@example.org")))],
            Expected = [.. Enumerable.Range(0, 100).Select(i => ($"u{i}@example.org", "5.1.1"))],
        },

        // Recipients with an address of their own.
        Rcpt("an address that stood for another", "550 5.1.1 No such user", "5.1.1") with
        {
            For = [new Recipient(Address(Ann), OriginalRecipient: "rfc822;root@example.net")],
            Original = "root@example.net",
        },
        new("a quoted address", RefuseRcpt("550 5.1.1 No such user"), ("\"a.b.\"@example.org", "5.1.1")),
        new("a quoted address with a blank", RefuseRcpt("550 5.1.1 No such user"), ("\"a b\"@example.org", "5.1.1"))
        {
            // It takes a blank for the end of an address.
            Unread = ["sisimai"],
        },

        // On this machine.
        Local("a user who is no longer here", "User", "no-such-user", "5.1.1"),
        Local("a program that fails", "Command", "sh -c 'echo it is broken; exit 70'", "5.3.0"),
    ];

    public override string ToString() => Name;

    private static Failure Rcpt(string name, string reply, string status, TimeSpan after = default) =>
        new(name, RefuseRcpt(reply), (Ann, status)) { After = after };

    private static Action<DeliveryUnderTest> RefuseRcpt(string reply) => relay =>
        relay.Smarthost.OnRcpt = step => step.Line.Contains("<alice@", StringComparison.Ordinal) ? "250 2.1.5 Ok" : reply;

    private static Failure Dot(string name, string reply, string status) => new(
        name,
        relay => relay.Smarthost.OnEndOfData = step => step is { Session: 1, Transaction: 1 } ? reply : "250 2.0.0 Ok",
        (Ann, status));

    private static Failure Local(string name, string kind, string target, string status) => new(name, static _ => { }, ("anna@example.net", status))
    {
        For = [new Recipient(Address("anna@example.net")) { Local = new LocalDestination(Enum.Parse<LocalDestinationKind>(kind), target) }],
    };

    private static Upstream.SmarthostOptions WrongPassword(DeliveryUnderTest relay)
    {
        Upstream.SmarthostOptions options = relay.Smarthost.ClientOptions();
        options.Password = "expired";
        return options;
    }

    private static Mailbox Address(string text) => MailboxParser.TryParse(text, out Mailbox? mailbox) ? mailbox! : throw new ArgumentException(text);
}
