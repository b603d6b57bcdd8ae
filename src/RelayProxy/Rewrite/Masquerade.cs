using System.Diagnostics.CodeAnalysis;
using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Rewrite;

/// <summary>
/// dma's MASQUERADE: whom all mail is from. <c>user@</c> is the user at the origin, whatever domain the sender had (dma's manual
/// says so; dma itself keeps the sender's); <c>host</c> or <c>@host</c> keeps the user; <c>user@host</c> replaces both; <c>@</c>
/// replaces nothing. The last <c>@</c> divides: <c>a@b@c</c> is the user <c>a@b</c>.
/// </summary>
/// <param name="User">Empty: the user stays.</param>
/// <param name="Domain">Empty: the origin for <paramref name="User"/>, else the domain stays.</param>
internal sealed record Masquerade(string User, string Domain)
{
    private const int MaxUserOctets = 255;

    public static bool TryParse(string text, [NotNullWhen(true)] out Masquerade? masquerade)
    {
        int at = text.LastIndexOf('@');
        string user = at < 0 ? "" : text[..at];
        string domain = text[(at + 1)..];
        bool isGood = (domain.Length == 0 ? at >= 0 : DomainParser.IsWhole(Encoding.UTF8.GetBytes(domain)))
            && Encoding.UTF8.GetByteCount(user) <= MaxUserOctets
            && !user.Any(char.IsControl);
        masquerade = isGood ? new Masquerade(user, domain) : null;
        return isGood;
    }

    /// <summary>The author's address.</summary>
    public Mailbox Of(Mailbox address, Origin origin) => this switch
    {
        { User: "", Domain: "" } => address,
        { User: "" } => address with { Domain = Domain },
        { Domain: "" } => new Mailbox(User, origin.Domain),
        _ => new Mailbox(User, Domain),
    };

    /// <summary>The address of somebody else at this machine: where it is may be hidden, who it is may not.</summary>
    public Mailbox DomainOf(Mailbox address) => Domain.Length == 0 ? address : address with { Domain = Domain };
}
