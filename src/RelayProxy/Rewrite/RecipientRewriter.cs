using RelayProxy.Mail;
using RelayProxy.Rewrite.Aliases;

namespace RelayProxy.Rewrite;

/// <summary>
/// Who a recipient really is, by one snapshot of the settings: the canonical map, the recipient map, aliases, mailboxes of this machine,
/// the generic map; and where everything is redirected, that at the very end.
/// </summary>
internal sealed class RecipientRewriter
{
    private readonly RewriteOptions _options;
    private readonly LocalNames _names;
    private readonly AliasBook _aliases;
    private readonly Func<Mailbox, Mailbox> _asSender;
    private readonly AddressMap _canonical;
    private readonly AddressMap _map;
    private readonly AddressMap _generic;
    private readonly Mailbox? _everything;
    private readonly Mailbox? _blindCopy;

    /// <param name="asSender">What becomes of an address that is to be a sender: the owner of a list is one.</param>
    public RecipientRewriter(
        RewriteOptions options, Origin origin, string postmasterAddress, ILocalUsers? localUsers, AliasBook aliases, Func<Mailbox, Mailbox> asSender)
    {
        _options = options;
        _names = new LocalNames(origin, options, postmasterAddress, localUsers);
        _aliases = aliases;
        _asSender = asSender;
        _canonical = AddressMap.Of(options.CanonicalMap, origin);
        _map = AddressMap.Of(options.RecipientMap, origin);
        _generic = AddressMap.Of(options.GenericMap, origin);
        _everything = Parsed(options.RedirectAllTo);
        _blindCopy = Parsed(options.AlwaysBcc);
    }

    public LocalNames Names => _names;

    /// <summary>Whether the header keeps the recipients that were meant (<c>Rewrite:RedirectAllTo</c>).</summary>
    public bool Redirects => _everything is not null;

    /// <summary>Who gets every message besides (<c>Rewrite:AlwaysBcc</c>); nobody hears of it if that fails.</summary>
    public IReadOnlyList<Recipient> BlindCopies()
    {
        if (_blindCopy is null || _everything is not null)
        {
            return [];
        }

        ExpandedName expanded = Expansion(null).Run(_blindCopy);
        return [.. expanded.Recipients.Select(recipient => recipient with { Notify = DsnNotify.Never })];
    }

    /// <summary>
    /// Whom a recipient stands for; or the refusal, while somebody is there to hear it. A domain without a dot that is not known to
    /// be this machine is refused: to guess would be to send mail to somebody else.
    /// </summary>
    /// <param name="hasSender">The message has a sender; the owner of a list does not take the place of none.</param>
    public RecipientExpansion Recipient(Recipient recipient, bool hasSender, IAliasTrace? trace = null)
    {
        if (recipient.Local is not null)
        {
            // Where the message ends has been found out before.
            return new RecipientExpansion([recipient]);
        }

        Mailbox given = recipient.Address;
        Mailbox asked = given;
        asked = _canonical.Find(asked) ?? asked;
        asked = _map.Find(asked) ?? asked;

        if (trace is null && _everything is null && GoesStraightOn(asked))
        {
            return new RecipientExpansion([Named(recipient, given, Leaving(asked))]);
        }

        ExpandedName expanded = Expansion(trace).Run(asked);
        if (expanded.Refusal is { } refusal)
        {
            return new RecipientExpansion([], refusal, expanded.Failures);
        }

        IReadOnlyList<Recipient> recipients = [.. expanded.Recipients.Select((found, index) => Passed(recipient, given, found, index == 0, hasSender))];
        if (_everything is not null && recipients.Count > 0)
        {
            ExpandedName everything = Expansion(null).Run(_everything);
            return everything.Recipients.Count == 0
                ? new RecipientExpansion([], AliasReplies.NoRedirect)
                : new RecipientExpansion([.. everything.Recipients.Select(found => Named(recipient with { Local = found.Local }, given, found.Address))]);
        }

        return new RecipientExpansion(recipients, Failures: expanded.Failures);
    }

    /// <summary>An address elsewhere that no alias can be meant for, as nearly all are.</summary>
    private bool GoesStraightOn(Mailbox asked) =>
        !_names.IsOurs(asked)
        && !Origin.IsUnqualified(asked.Domain)
        && _aliases.Table(_options) is not { HasDomains: true };

    private AliasExpansion Expansion(IAliasTrace? trace) => new(_names, _aliases.Table(_options), _aliases, _options) { Trace = trace };

    /// <summary>
    /// What the sender asked for goes on to everyone an alias stands for, but of success it hears once (RFC 3461 §5.2.7.3). To a list with an
    /// owner nothing goes on: its mail is the owner's (§5.2.7.1).
    /// </summary>
    private Recipient Passed(Recipient asked, Mailbox given, Recipient found, bool isFirst, bool hasSender)
    {
        Mailbox address = found.Local is null ? Leaving(found.Address) : found.Address;
        if (found.ReturnPath is { } owner && hasSender)
        {
            return Named(new Recipient(address) { Local = found.Local, ReturnPath = _asSender(owner) }, given, address);
        }

        DsnNotify notify = isFirst || (asked.Notify & DsnNotify.Success) == 0 ? asked.Notify : asked.Notify & ~DsnNotify.Success;
        return Named(
            asked with { Local = found.Local, Notify = notify == DsnNotify.Unspecified && asked.Notify != notify ? DsnNotify.Never : notify },
            given,
            address);
    }

    private Mailbox Leaving(Mailbox address) => _generic.Find(address) ?? address;

    /// <summary>Keeps the name that was asked for, so that a report names what its reader knows. To complete a bare name is not to
    /// change it.</summary>
    private Recipient Named(Recipient recipient, Mailbox given, Mailbox address)
    {
        Mailbox known = given.IsBare ? _names.Qualified(given) : given;
        string? original = recipient.OriginalRecipient ?? (known.Equals(address) ? null : OriginalRecipient.Of(known));
        return ReferenceEquals(recipient.Address, address) && original == recipient.OriginalRecipient
            ? recipient
            : recipient with { Address = address, OriginalRecipient = original };
    }

    private static Mailbox? Parsed(string address) => MailboxParser.TryParse(address, out Mailbox? parsed) ? parsed : null;
}
