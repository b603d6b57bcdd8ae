using RelayProxy.Mail;

namespace RelayProxy.Rewrite;

/// <summary>What becomes of a name at this machine that nobody knows: <c>Reject</c>, <c>Qualify</c>, or an address that gets it.</summary>
/// <param name="Address"><c>null</c>: it is refused, or <paramref name="Qualifies"/>.</param>
internal readonly record struct UnknownLocal(bool Qualifies, Mailbox? Address)
{
    public static bool TryParse(string text, out UnknownLocal unknown)
    {
        bool qualifies = text.Equals("Qualify", StringComparison.OrdinalIgnoreCase);
        Mailbox? address = null;
        bool isWord = qualifies || text.Length == 0 || text.Equals("Reject", StringComparison.OrdinalIgnoreCase);
        bool parsed = isWord || (MailboxParser.TryParse(text, out address) && address is { IsBare: false });
        unknown = new UnknownLocal(qualifies, parsed ? address : null);
        return parsed;
    }
}
