namespace RelayProxy.Delivery.Local;

/// <summary>Settings of the <c>Local</c> section: mail that stays on this machine.</summary>
internal sealed class LocalOptions
{
    /// <summary>Where mail for local users goes. None: a local user must have an alias, or <c>Rewrite:UnknownLocal</c> decides.</summary>
    public LocalMailbox Delivery { get; set; }

    /// <summary>Who is a local user. Empty: whoever the system knows (passwd).</summary>
    public IList<string> Users { get; set; } = [];

    /// <summary>The folder of mbox files, one for each user.</summary>
    public string MboxFolder { get; set; } = "/var/mail";

    /// <summary>Each user's Maildir; <c>~</c> is the user's home, <c>%u</c> the name.</summary>
    public string Maildir { get; set; } = "~/Maildir";

    /// <summary>Where an LMTP server listens (RFC 2033): <c>unix:/run/dovecot/lmtp</c> or <c>127.0.0.1:24</c>.</summary>
    public string Lmtp { get; set; } = "";

    /// <summary>As whom the commands of aliases run, and files of aliases are written, where the relay runs as root.</summary>
    public string CommandUser { get; set; } = "nobody";

    /// <summary>How long a command may take before it is ended and the mail deferred.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How much of a command's output is kept for the bounce; the rest is read and dropped.</summary>
    public int MaxCommandOutputOctets { get; set; } = 4096;
}

/// <summary>What a local user's mailbox is.</summary>
internal enum LocalMailbox
{
    None,

    /// <summary>One file (RFC 4155), as mail(1) reads it.</summary>
    Mbox,

    Maildir,

    /// <summary>A server's own affair: Dovecot, Cyrus.</summary>
    Lmtp,
}
