namespace RelayProxy.Submission;

/// <summary>Settings of the <c>Sendmail</c> section: of the command that stands in sendmail's place.</summary>
internal sealed class SendmailOptions
{
    /// <summary>Users of this machine who may name any sender with <c>-f</c>; <c>*</c>: everybody. Mail of others gets an
    /// <c>X-Authentication-Warning</c> field that names them. All can say whatever they like on port 25, hence the default.</summary>
    public IList<string> TrustedUsers { get; set; } = ["*"];
}
