using RelayProxy.Mail;
using RelayProxy.Rewrite.Header;
using RelayProxy.Smtp;

namespace RelayProxy.Rewrite;

/// <summary>
/// Names in, names out: who a recipient really is, and whom a message is from. Bare names and names at this machine get the
/// origin's domain, so that no smarthost ever sees a domain that only this machine knows (RFC 5321 §2.3.5).
/// </summary>
/// <param name="postmasterAddress">Delivery:PostmasterAddress; empty if there is none.</param>
/// <param name="hostName">This host's fully qualified name.</param>
/// <param name="localUsers"><c>null</c>: there are none.</param>
internal sealed class Rewriter(
    Func<RewriteOptions> options, Func<string> postmasterAddress, Func<string> hostName, ILocalUsers? localUsers = null)
{
    private Snapshot? _snapshot;

    /// <inheritdoc cref="SenderRewriter.Sender"/>
    public Mailbox? Sender(Mailbox? sender) => Current().Senders.Sender(sender);

    /// <summary>What From would say if the message had none: the sender as headers name senders.</summary>
    public Mailbox Author(Mailbox sender)
    {
        SenderRewriter senders = Current().Senders;
        return senders.Forced(senders.Rewrite(sender, AddressRole.Author), AddressRole.Author).Address;
    }

    /// <inheritdoc cref="HeaderRewriter.Rewrite"/>
    public HeaderRewrite? Header(ReadOnlySpan<byte> content, HeaderBlock header, bool isReport) =>
        Current().Header.Rewrite(content, header, isReport);

    /// <inheritdoc cref="RecipientRewriter.Recipient"/>
    public RecipientExpansion Recipient(Recipient recipient) => Current().Recipients.Recipient(recipient);

    /// <summary>Made anew when the settings are: a reload reads /etc/mailname again.</summary>
    private Snapshot Current()
    {
        RewriteOptions currentOptions = options();
        string currentPostmaster = postmasterAddress();
        Snapshot? snapshot = _snapshot;
        if (snapshot is null || !ReferenceEquals(snapshot.Options, currentOptions) || snapshot.PostmasterAddress != currentPostmaster)
        {
            Origin origin = Origin.From(currentOptions, hostName());
            var senders = new SenderRewriter(currentOptions, origin);
            snapshot = new Snapshot(
                currentOptions,
                currentPostmaster,
                senders,
                new HeaderRewriter(senders),
                new RecipientRewriter(currentOptions, origin, currentPostmaster, localUsers));
            _snapshot = snapshot;
        }

        return snapshot;
    }

    private sealed record Snapshot(
        RewriteOptions Options, string PostmasterAddress, SenderRewriter Senders, HeaderRewriter Header, RecipientRewriter Recipients);
}

/// <param name="Recipients">At least one, unless <paramref name="Refusal"/> is set.</param>
internal readonly record struct RecipientExpansion(IReadOnlyList<Recipient> Recipients, SmtpReply? Refusal = null);
