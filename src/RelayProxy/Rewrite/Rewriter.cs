using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Mail;
using RelayProxy.Rewrite.Aliases;
using RelayProxy.Rewrite.Header;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Rewrite;

/// <summary>
/// Names in, names out: who a recipient really is, and whom a message is from. Bare names and names at this machine get the
/// origin's domain, so that no smarthost ever sees a domain that only this machine knows (RFC 5321 §2.3.5).
/// </summary>
/// <param name="postmasterAddress">Delivery:PostmasterAddress; empty if there is none.</param>
/// <param name="hostName">This host's fully qualified name.</param>
/// <param name="localUsers"><c>null</c>: there are none.</param>
internal sealed partial class Rewriter(
    Func<RewriteOptions> options,
    Func<string> postmasterAddress,
    Func<string> hostName,
    ILocalUsers? localUsers = null,
    TimeProvider? clock = null,
    ILogger? logger = null)
{
    private readonly ILogger _logger = logger ?? NullLogger.Instance;
    private readonly AliasBook _aliases = new(clock ?? TimeProvider.System, logger ?? NullLogger.Instance);
    private Snapshot? _snapshot;

    /// <inheritdoc cref="SenderRewriter.Sender"/>
    public Mailbox? Sender(Mailbox? sender) => Current().Senders.Sender(sender);

    /// <summary>What From would say if the message had none: the sender as headers name senders.</summary>
    public Mailbox Author(Mailbox sender) => Current().Senders.Rewritten(sender, AddressRole.Author).Address;

    /// <summary>As <see cref="Sender"/>, and which steps have made it so: for those who ask without sending mail.</summary>
    public RewrittenAddress ExplainSender(Mailbox sender) => Current().Senders.Rewritten(sender, AddressRole.EnvelopeSender);

    /// <inheritdoc cref="HeaderRewriter.Rewrite"/>
    public HeaderRewrite? Header(ReadOnlySpan<byte> content, HeaderBlock header, bool isReport) =>
        Current().Header.Rewrite(content, header, isReport);

    /// <inheritdoc cref="RecipientRewriter.Recipient"/>
    public RecipientExpansion Recipient(Recipient recipient, bool hasSender = true)
    {
        RecipientExpansion expansion = Current().Recipients.Recipient(recipient, hasSender);
        if (expansion.Failures is { Count: > 0 } failures)
        {
            LogFailures(recipient.Address, failures);
        }

        return expansion;
    }

    /// <inheritdoc cref="LocalNames.Qualified"/>
    public Mailbox Qualified(Mailbox name) => Current().Recipients.Names.Qualified(name);

    /// <inheritdoc cref="RecipientRewriter.BlindCopies"/>
    public IReadOnlyList<Recipient> BlindCopies() => Current().Recipients.BlindCopies();

    /// <inheritdoc cref="RecipientRewriter.Redirects"/>
    public bool Redirects => Current().Recipients.Redirects;

    /// <summary>Recipients as they would be now, with the way there: for those who ask without sending mail.</summary>
    public RecipientExpansion Explain(Recipient recipient, IAliasTrace trace) =>
        Current().Recipients.Recipient(recipient, hasSender: true, trace);

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
                new RecipientRewriter(currentOptions, origin, currentPostmaster, localUsers, _aliases, owner => senders.Sender(owner) ?? owner));
            _snapshot = snapshot;
        }

        return snapshot;
    }

    /// <summary>A name that nobody knows is the client's mistake, which it is told. Parts of an alias, and settings, are the operator's.</summary>
    private void LogFailures(Mailbox name, IReadOnlyList<FailedPart> failures)
    {
        foreach (FailedPart failure in failures.Where(failure => failure.Part is not null || failure.Reply.Severity == Severity.Transient).Take(10))
        {
            Log.PartFailed(_logger, LogText.Printable(name.ToString()), failure.Part?.Place.ToString() ?? "Rewrite", LogText.Printable(failure.Reply.ToString()));
        }
    }

    private sealed record Snapshot(
        RewriteOptions Options, string PostmasterAddress, SenderRewriter Senders, HeaderRewriter Header, RecipientRewriter Recipients);

    private static partial class Log
    {
        [LoggerMessage(EventIds.AliasPartFailed, LogLevel.Warning, "aliases: <{Name}>: {Place}: nobody gets this part: {Reply}")]
        public static partial void PartFailed(ILogger logger, string name, string place, string reply);
    }
}

/// <param name="Recipients">None if <paramref name="Refusal"/> is set, or if the mail is accepted and thrown away.</param>
/// <param name="Failures">Parts that lead nowhere.</param>
internal readonly record struct RecipientExpansion(
    IReadOnlyList<Recipient> Recipients, SmtpReply? Refusal = null, IReadOnlyList<FailedPart>? Failures = null);
