using System.Text;
using RelayProxy.Mail;

namespace RelayProxy.Rewrite.Header;

/// <summary>One address of a field that is about to change. Of the address as it is written, no more is replaced than must be: where the
/// local part stays it keeps its quotes and comments.</summary>
/// <param name="Before">As it was read; <c>null</c> if it could not be, and then it stays.</param>
internal readonly record struct AddressEdit(HeaderAddress Place, Mailbox? Before, Mailbox? After)
{
    public bool IsChange => Before is not null && After is not null && !Before.Equals(After);

    private bool KeepsLocalPart => Before!.LocalPart == After!.LocalPart;

    /// <summary>First octet that is replaced.</summary>
    public int Start => !IsChange || !KeepsLocalPart ? Place.LocalStart : Place.IsBare ? Place.LocalEnd : Place.DomainStart;

    /// <summary>Behind the last.</summary>
    public int End => Place.DomainEnd;

    public byte[] Replacement() => Encoding.UTF8.GetBytes(
        !KeepsLocalPart ? After!.ToString() : Place.IsBare ? "@" + After!.Domain : After!.Domain);
}
