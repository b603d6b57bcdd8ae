using RelayProxy.Mail;

namespace RelayProxy.Rewrite;

/// <summary>
/// Whom a message is from, by one snapshot of the settings; and what the addresses in its header become. An address passes, in this
/// order: the origin (a name without a domain is completed), CanonicalMap, SenderMap, Masquerade, MasqueradeDomains, GenericMap,
/// ForceSender.
/// </summary>
internal sealed class SenderRewriter
{
    private readonly Origin _origin;
    private readonly AddressMap _canonical;
    private readonly AddressMap _senders;
    private readonly AddressMap _generic;
    private readonly Masquerade? _masquerade;
    private readonly MasqueradeDomains _domains;
    private readonly HashSet<string> _exceptions;
    private readonly ForcedSender? _forced;

    public SenderRewriter(RewriteOptions options, Origin origin)
    {
        Options = options;
        _origin = origin;
        _canonical = AddressMap.Of(options.CanonicalMap, origin);
        _senders = AddressMap.Of(options.SenderMap, origin);
        _generic = AddressMap.Of(options.GenericMap, origin);
        _masquerade = Masquerade.TryParse(options.Masquerade, out Masquerade? masquerade) ? masquerade : null;
        _domains = new MasqueradeDomains(options.MasqueradeDomains);
        _exceptions = new HashSet<string>(options.MasqueradeExceptions, StringComparer.OrdinalIgnoreCase);
        _forced = ForcedSender.Of(options, origin);
        CompletesOnly = _canonical.IsEmpty && _senders.IsEmpty && _generic.IsEmpty && _masquerade is null && _domains.IsEmpty && _forced is null;
    }

    public RewriteOptions Options { get; }

    /// <summary>Nothing is set but, perhaps, the origin.</summary>
    public bool CompletesOnly { get; }

    /// <summary>The envelope's sender as it leaves. A null sender stays null.</summary>
    public Mailbox? Sender(Mailbox? sender) => sender is null ? null : Rewritten(sender, AddressRole.EnvelopeSender).Address;

    /// <summary>All steps.</summary>
    public RewrittenAddress Rewritten(Mailbox address, AddressRole role) => Forced(Rewrite(address, role), role);

    /// <summary>All but <see cref="Forced"/>.</summary>
    public RewrittenAddress Rewrite(Mailbox address, AddressRole role)
    {
        RewrittenAddress result = new RewrittenAddress(address, RewriteSteps.None).Then(RewriteSteps.Origin, Completed(address, role));
        if (CompletesOnly)
        {
            return result;
        }

        result = result.Then(RewriteSteps.CanonicalMap, _canonical.Find(result.Address));
        bool isWithin = Options.MasqueradeScope switch
        {
            MasqueradeScope.Both => true,
            MasqueradeScope.Envelope => role == AddressRole.EnvelopeSender,
            MasqueradeScope.Header => role != AddressRole.EnvelopeSender,
        };
        if (isWithin && role != AddressRole.Recipient)
        {
            result = result.Then(RewriteSteps.SenderMap, _senders.Find(result.Address));
        }

        if (isWithin && (role != AddressRole.Recipient || Options.MasqueradeRecipients) && !_exceptions.Contains(result.Address.LocalPart))
        {
            result = result.Then(RewriteSteps.Masquerade, Masqueraded(result, role));
            result = result.Then(RewriteSteps.MasqueradeDomains, _domains.Of(result.Address));
        }

        return result.Then(RewriteSteps.GenericMap, _generic.Find(result.Address));
    }

    /// <summary>The last step. It is one of its own because the address before it may go to Reply-To.</summary>
    public RewrittenAddress Forced(RewrittenAddress address, AddressRole role) =>
        role is AddressRole.EnvelopeSender or AddressRole.Author ? address.Then(RewriteSteps.ForceSender, _forced?.Of(address.Address)) : address;

    /// <summary>Whether an address, as it stands in a header, has all that it needs as long as nothing is set: the quick answer for
    /// nearly every address, without an allocation.</summary>
    /// <param name="domain">Empty for a name without one.</param>
    public bool IsComplete(ReadOnlySpan<char> domain, AddressRole role) =>
        !domain.IsEmpty && !_origin.IsLocal(domain) && (role == AddressRole.Recipient || !Origin.IsUnqualified(domain));

    /// <summary>A domain without a dot is some machine's own name and gets the origin, too: programs in containers send as
    /// <c>app@3f2a91c07d</c>. Whom it means as a recipient nobody can tell, so there it stays.</summary>
    private Mailbox Completed(Mailbox address, AddressRole role) =>
        IsComplete(address.Domain, role) ? address : address with { Domain = _origin.Domain };

    /// <summary>
    /// Of all mail it says whom it is from, and nothing of whom answers go to: a visitor's Reply-To must survive. An address elsewhere
    /// that a map has given this very sender stands.
    /// </summary>
    private Mailbox? Masqueraded(RewrittenAddress address, AddressRole role)
    {
        if (_masquerade is null)
        {
            return null;
        }

        const RewriteSteps Maps = RewriteSteps.CanonicalMap | RewriteSteps.SenderMap;
        bool isOurs = _origin.IsOurs(address.Address.Domain);
        return role switch
        {
            AddressRole.EnvelopeSender or AddressRole.Author => isOurs || (address.Steps & Maps) == 0 ? _masquerade.Of(address.Address, _origin) : null,
            AddressRole.ReplyTo => isOurs ? _masquerade.Of(address.Address, _origin) : null,
            AddressRole.Recipient => isOurs ? _masquerade.DomainOf(address.Address) : null,
        };
    }
}
