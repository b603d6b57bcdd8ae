using System.Diagnostics.CodeAnalysis;
using RelayProxy.Mail;

namespace RelayProxy.Rewrite;

/// <summary>Which names are names at this machine, and what they stand for where no alias says otherwise.</summary>
internal sealed class LocalNames(Origin origin, RewriteOptions options, string postmasterAddress, ILocalUsers? users)
{
    private readonly UnknownLocal _unknown = UnknownLocal.TryParse(options.UnknownLocal, out UnknownLocal unknown) ? unknown : default;

    private readonly Mailbox? _postmaster = MailboxParser.TryParse(postmasterAddress, out Mailbox? postmaster)
        ? postmaster!.IsBare ? postmaster with { Domain = origin.Domain } : postmaster
        : null;

    public UnknownLocal Unknown => _unknown;

    public Origin Origin => origin;

    /// <summary>The name is one of this machine and of no other: a smarthost would not know it, or would send it back.</summary>
    public bool IsHere(Mailbox name) => name.IsBare || origin.IsHere(name.Domain);

    /// <summary>Aliases without a domain are for these: the names here, and those at the domain that bare names get.</summary>
    public bool IsOurs(Mailbox name) => name.IsBare || origin.IsOurs(name.Domain);

    /// <summary>Whom mail for the postmaster reaches; <c>null</c> if the name is not the postmaster's, or no address is set.</summary>
    public Mailbox? PostmasterFor(Mailbox name) => _postmaster is not null && IsOurs(name) && IsPostmaster(name.LocalPart) ? _postmaster : null;

    /// <summary>RFC 5321 §4.5.1: mail for this one name is never refused.</summary>
    public static bool MustBeTaken(Mailbox name) => name.LocalPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase);

    /// <summary>The user of this machine whose mailbox a name means: as it is, and without its <c>+tag</c>.</summary>
    public bool TryFindUser(Mailbox name, [NotNullWhen(true)] out string? user)
    {
        user = null;
        if (users is not { HaveMailboxes: true } || !IsHere(name))
        {
            return false;
        }

        string text = name.LocalPart;
        int plus = text.IndexOf('+', StringComparison.Ordinal);
        user = users.NameOf(text) ?? (plus > 0 ? users.NameOf(text[..plus]) : null);
        return user is not null;
    }

    /// <summary>With a domain that the world may know. To complete a name is not to change it.</summary>
    public Mailbox Qualified(Mailbox name) => name.IsBare || origin.IsLocal(name.Domain) ? name with { Domain = origin.Domain } : name;

    /// <summary>The names that must reach a person wherever there is mail (RFC 5321 §4.5.1, RFC 2142 §5), in any letter case.</summary>
    private static bool IsPostmaster(string localPart) =>
        localPart.Equals("postmaster", StringComparison.OrdinalIgnoreCase)
        || localPart.Equals("root", StringComparison.OrdinalIgnoreCase)
        || localPart.Equals("mailer-daemon", StringComparison.OrdinalIgnoreCase);
}
