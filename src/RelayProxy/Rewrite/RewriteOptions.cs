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

    /// <summary>The aliases, in the syntax of aliases(5). Missing: no aliases.</summary>
    public string AliasFile { get; set; } = "/etc/aliases";

    /// <summary>Aliases beside those of the file, by name: <c>root</c> is <c>you@example.net, ops@example.net</c>. One of these replaces the
    /// file's of the same name.</summary>
    public IDictionary<string, string> Aliases { get; set; } = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Aliases may name programs (<c>|command</c>). Off: who can write the file could run programs.</summary>
    public bool AllowCommands { get; set; }

    /// <summary>Aliases may name files and Maildirs (<c>/path/file</c>, <c>/path/dir/</c>).</summary>
    public bool AllowFiles { get; set; }

    /// <summary>Files that aliases include may name programs too. Lists are often edited by others than the aliases.</summary>
    public bool AllowCommandsInIncludes { get; set; }

    /// <summary>Files that aliases include may name files and Maildirs too.</summary>
    public bool AllowFilesInIncludes { get; set; }

    /// <summary>What becomes of a name at this machine that is neither an alias nor a user with a mailbox here: <c>Reject</c> (550 5.1.1),
    /// <c>Qualify</c> (it gets <see cref="Origin"/> and goes to the smarthost), or an address that gets such mail.</summary>
    public string UnknownLocal { get; set; } = "Reject";

    /// <summary>Other addresses for recipients: <c>old@example.net new@example.net</c>, <c>@old.example @new.example</c>,
    /// <c>/regular expression/ replacement</c>. The form is that of <see cref="AddressMap"/>.</summary>
    public IList<string> RecipientMap { get; set; } = [];

    /// <summary>All mail goes to this address, whoever it was for; the recipients meant are kept in <c>X-Original-To</c>. For tests with
    /// real data. Empty: off.</summary>
    public string RedirectAllTo { get; set; } = "";

    /// <summary>Gets a blind copy of every message. Empty: off.</summary>
    public string AlwaysBcc { get; set; } = "";

    /// <summary>Whom all mail is from, as in dma.conf: <c>user@</c>, <c>host</c>, <c>user@host</c>. Empty: off.</summary>
    public string Masquerade { get; set; } = "";

    /// <summary>Domains whose sub-domains are hidden: <c>example.net</c> makes <c>user@web1.example.net</c> <c>user@example.net</c>;
    /// <c>!ext.example.net</c> before it keeps that one. Read from left to right; the first that matches counts.</summary>
    public IList<string> MasqueradeDomains { get; set; } = [];

    /// <summary>Users whose addresses are not masqueraded (<c>root</c>).</summary>
    public IList<string> MasqueradeExceptions { get; set; } = [];

    /// <summary>Where senders are masqueraded and mapped.</summary>
    public MasqueradeScope MasqueradeScope { get; set; }

    /// <summary>Masquerade the header's recipients (To, Cc) as well.</summary>
    public bool MasqueradeRecipients { get; set; }

    /// <summary>Other addresses for senders, in the envelope and in From, Sender and Reply-To; the form is that of
    /// <see cref="RecipientMap"/>.</summary>
    public IList<string> SenderMap { get; set; } = [];

    /// <summary>Other addresses for senders and recipients alike, in envelope and header, before anything else is looked up.</summary>
    public IList<string> CanonicalMap { get; set; } = [];

    /// <summary>Other addresses for senders and recipients alike, in envelope and header, for mail that leaves this machine; after everything
    /// else.</summary>
    public IList<string> GenericMap { get; set; } = [];

    /// <summary>The one sender that the provider permits: the envelope's sender and From become this address (the display name stays, the
    /// old From goes to Reply-To), unless <see cref="AllowedSenders"/> has it. Empty: off.</summary>
    public string ForceSender { get; set; } = "";

    /// <summary>Senders that <see cref="ForceSender"/> leaves alone: <c>user@example.net</c>, <c>@example.net</c>.</summary>
    public IList<string> AllowedSenders { get; set; } = [];

    /// <summary>Whether a field that the message's DKIM signature covers is changed.</summary>
    public SignedMail SignedMail { get; set; }
}

/// <summary>Where senders are changed.</summary>
internal enum MasqueradeScope
{
    Both,

    Envelope,

    Header,
}

/// <summary>What happens to fields that a DKIM signature covers.</summary>
internal enum SignedMail
{
    /// <summary>They stay, and the log says so.</summary>
    Keep,

    /// <summary>They are changed, and the signature no longer fits.</summary>
    Rewrite,
}
