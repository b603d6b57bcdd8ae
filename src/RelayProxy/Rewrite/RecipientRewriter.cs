using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Rewrite;

/// <summary>Who a recipient really is, by one snapshot of the settings.</summary>
internal sealed class RecipientRewriter
{
    private readonly Origin _origin;
    private readonly Mailbox? _postmaster;

    public RecipientRewriter(RewriteOptions options, Origin origin, string postmasterAddress, ILocalUsers? localUsers)
    {
        Options = options;
        LocalUsers = localUsers;
        _origin = origin;
        if (MailboxParser.TryParse(postmasterAddress, out Mailbox? postmaster) && postmaster is not null)
        {
            _postmaster = postmaster.IsBare ? postmaster with { Domain = origin.Domain } : postmaster;
        }
    }

    public RewriteOptions Options { get; }

    public ILocalUsers? LocalUsers { get; }

    /// <summary>
    /// Whom a recipient stands for; or the refusal, while somebody is there to hear it. A domain without a dot that is not known to
    /// be this machine is refused: to guess would be to send mail to somebody else.
    /// </summary>
    public RecipientExpansion Recipient(Recipient recipient)
    {
        Mailbox given = recipient.Address;
        bool isOurs = given.IsBare || _origin.IsOurs(given.Domain);
        if (isOurs && _postmaster is { } postmaster && IsPostmaster(given.LocalPart))
        {
            Mailbox known = given.IsBare ? given with { Domain = _origin.Domain } : given;
            return Of(recipient, known, postmaster);
        }

        if (given.IsBare)
        {
            // To complete a name is not to change it: the original needs no keeping.
            return new RecipientExpansion([recipient with { Address = given with { Domain = _origin.Domain } }]);
        }

        if (_origin.IsLocal(given.Domain))
        {
            return Of(recipient, given, given with { Domain = _origin.Domain });
        }

        return Origin.IsUnqualified(given.Domain)
            ? new RecipientExpansion([], new SmtpReply(550, 1, 2, "The recipient's domain is not fully qualified"))
            : new RecipientExpansion([recipient]);
    }

    private static RecipientExpansion Of(Recipient recipient, Mailbox original, Mailbox address) =>
        new([recipient with
        {
            Address = address,
            OriginalRecipient = recipient.OriginalRecipient ?? (original.Equals(address) ? null : OriginalRecipient.Of(original)),
        }]);

    /// <summary>The names that must reach a person wherever there is mail (RFC 5321 §4.5.1, RFC 2142 §5), in any letter case.</summary>
    private static bool IsPostmaster(string localPart) =>
        localPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase)
        || localPart.Equals("root", StringComparison.OrdinalIgnoreCase)
        || localPart.Equals("mailer-daemon", StringComparison.OrdinalIgnoreCase);
}
