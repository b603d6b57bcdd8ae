using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Rewrite;

/// <summary>
/// Names in, names out: who a recipient really is, and whom a message is from. Bare names and names at this machine get the
/// origin's domain, so that no smarthost ever sees a domain that only this machine knows (RFC 5321 §2.3.5).
/// </summary>
/// <param name="postmasterAddress">Delivery:PostmasterAddress; empty if there is none.</param>
/// <param name="hostName">This host's fully qualified name.</param>
internal sealed class Rewriter(Func<RewriteOptions> options, Func<string> postmasterAddress, Func<string> hostName)
{
    private Snapshot? _snapshot;

    /// <summary>The sender as it leaves: qualified. A null sender stays null. A domain without a dot is some machine's own name and gets
    /// the origin, too: programs in containers send as <c>app@3f2a91c07d</c>.</summary>
    public Mailbox? Sender(Mailbox? sender)
    {
        if (sender is null)
        {
            return null;
        }

        Origin origin = Current().Origin;
        return origin.IsLocal(sender.Domain) || IsUnqualified(sender.Domain) ? sender with { Domain = origin.Domain } : sender;
    }

    /// <summary>
    /// Whom a recipient stands for; or the refusal, while somebody is there to hear it. A domain without a dot that is not known to
    /// be this machine is refused: to guess would be to send mail to somebody else.
    /// </summary>
    public RecipientExpansion Recipient(Recipient recipient)
    {
        Snapshot current = Current();
        Mailbox given = recipient.Address;
        bool isOurs = given.IsBare || current.Origin.IsOurs(given.Domain);
        if (isOurs && current.Postmaster is { } postmaster && IsPostmaster(given.LocalPart))
        {
            Mailbox known = given.IsBare ? given with { Domain = current.Origin.Domain } : given;
            return Of(recipient, known, postmaster);
        }

        if (given.IsBare)
        {
            // To complete a name is not to change it: the original needs no keeping.
            return new RecipientExpansion([recipient with { Address = given with { Domain = current.Origin.Domain } }]);
        }

        if (current.Origin.IsLocal(given.Domain))
        {
            return Of(recipient, given, given with { Domain = current.Origin.Domain });
        }

        return IsUnqualified(given.Domain)
            ? new RecipientExpansion([], new SmtpReply(550, 1, 2, "The recipient's domain is not fully qualified"))
            : new RecipientExpansion([recipient]);
    }

    private static RecipientExpansion Of(Recipient recipient, Mailbox original, Mailbox address) =>
        new([recipient with
        {
            Address = address,
            OriginalRecipient = recipient.OriginalRecipient ?? (original.Equals(address) ? null : OriginalRecipient.Of(original)),
        }]);

    private static bool IsUnqualified(string domain) => !domain.Contains('.', StringComparison.Ordinal) && !domain.StartsWith('[');

    /// <summary>The names that must reach a person wherever there is mail (RFC 5321 §4.5.1, RFC 2142 §5), in any letter case.</summary>
    private static bool IsPostmaster(string localPart) =>
        localPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase)
        || localPart.Equals("root", StringComparison.OrdinalIgnoreCase)
        || localPart.Equals("mailer-daemon", StringComparison.OrdinalIgnoreCase);

    /// <summary>Made anew when the settings are: a reload reads /etc/mailname again.</summary>
    private Snapshot Current()
    {
        RewriteOptions currentOptions = options();
        string currentPostmaster = postmasterAddress();
        Snapshot? snapshot = _snapshot;
        if (snapshot is null || !ReferenceEquals(snapshot.Options, currentOptions) || snapshot.PostmasterAddress != currentPostmaster)
        {
            snapshot = new Snapshot(currentOptions, currentPostmaster, Origin.From(currentOptions, hostName()));
            _snapshot = snapshot;
        }

        return snapshot;
    }

    private sealed class Snapshot
    {
        public Snapshot(RewriteOptions options, string postmasterAddress, Origin origin)
        {
            Options = options;
            PostmasterAddress = postmasterAddress;
            Origin = origin;
            if (MailboxParser.TryParse(postmasterAddress, out Mailbox? postmaster) && postmaster is not null)
            {
                Postmaster = postmaster.IsBare ? postmaster with { Domain = origin.Domain } : postmaster;
            }
        }

        public RewriteOptions Options { get; }

        public string PostmasterAddress { get; }

        public Origin Origin { get; }

        public Mailbox? Postmaster { get; }
    }
}

/// <param name="Recipients">At least one, unless <paramref name="Refusal"/> is set.</param>
internal readonly record struct RecipientExpansion(IReadOnlyList<Recipient> Recipients, SmtpReply? Refusal = null);
