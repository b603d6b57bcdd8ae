namespace RelayProxy.Delivery.Local;

/// <summary>How mail gets into a folder of mboxes, which the folder's own rights tell, as they tell Postfix.</summary>
/// <param name="Writer">As whom.</param>
internal readonly record struct Spool(Identity Writer, MboxRules Rules)
{
    private const uint OwnerOnly = 0x180; // 0600
    private const uint OwnerAndGroup = 0x1b0; // 0660

    /// <summary><c>null</c> if there is no such folder.</summary>
    /// <exception cref="PosixException"/>
    public static Spool? Find(string folder, LocalUser user)
    {
        if (Posix.Facts(folder) is not { IsFolder: true } facts)
        {
            return null;
        }

        uint id = user.Id ?? 0, group = user.Group ?? 0;
        if (user.Id is null || !Identity.CanChange)
        {
            return new Spool(new Identity(0, 0), new MboxRules(user.Id, OwnerOnly, MakerMustBe: user.Id));
        }

        // Everybody's (1777), a mail group's (2775 root:mail), or root's alone.
        return (facts.Mode & FileFacts.OthersMayWrite, facts.Mode & FileFacts.GroupMayWrite) switch
        {
            (not 0, _) => new Spool(new Identity(id, group), new MboxRules(id, OwnerOnly)),
            (_, not 0) => new Spool(new Identity(id, facts.Group), new MboxRules(id, OwnerAndGroup)),
            _ => new Spool(new Identity(0, 0), new MboxRules(id, OwnerOnly, GivenTo: new Identity(id, group))),
        };
    }
}
