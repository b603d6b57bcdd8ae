namespace RelayProxy.Rewrite;

/// <summary>Settings of the <c>Rewrite</c> section.</summary>
internal sealed class RewriteOptions
{
    /// <summary>The domain that bare names get. Empty: the first line of <c>/etc/mailname</c>, else this host's fully qualified
    /// name.</summary>
    public string Origin { get; set; } = "";

    /// <summary>Domains that mean this machine and that no smarthost can deliver to; they are replaced by <see cref="Origin"/>. Beside
    /// these, <c>localhost</c>, <c>localhost.localdomain</c>, the loopback literals and this host's short name always do.</summary>
    public IList<string> LocalDomains { get; set; } = [];
}
