namespace RelayProxy.Rewrite;

/// <summary>Settings of the <c>Rewrite</c> section.</summary>
internal sealed class RewriteOptions
{
    /// <summary>The domain that bare names get. Empty: the first line of <c>/etc/mailname</c>, else this host's fully qualified
    /// name.</summary>
    public string Origin { get; set; } = "";
}
