namespace RelayProxy.Rewrite;

/// <summary>What rewriting asks about this machine's users.</summary>
internal interface ILocalUsers
{
    /// <summary>Whether mail for users is delivered on this machine (<c>Local:Delivery</c> is not None).</summary>
    bool HaveMailboxes { get; }

    /// <summary>Whether a name, as it is written, is a user of this machine.</summary>
    bool Exists(string name);
}
