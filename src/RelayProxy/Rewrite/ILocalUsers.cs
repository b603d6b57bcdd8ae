namespace RelayProxy.Rewrite;

/// <summary>What rewriting asks about this machine's users.</summary>
internal interface ILocalUsers
{
    /// <summary>Whether mail for users is delivered on this machine (<c>Local:Delivery</c> is not None).</summary>
    bool HaveMailboxes { get; }

    /// <summary>The user of this machine whom a name means, in the spelling by which the user is known: one user, one mailbox, however the
    /// name was written. <c>null</c> if there is none.</summary>
    string? NameOf(string name);
}
