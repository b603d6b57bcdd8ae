namespace RelayProxy.Mail;

/// <summary>A destination on this machine that a name or an alias stands for.</summary>
/// <param name="Target">The user's name; the path; the command line as it was written, without its <c>|</c>.</param>
internal sealed record LocalDestination(LocalDestinationKind Kind, string Target);

/// <summary>Stored in the queue: the numbers stay.</summary>
internal enum LocalDestinationKind
{
    /// <summary>The mailbox of a user; <c>Local:Delivery</c> says what that is.</summary>
    User = 1,

    /// <summary>An mbox file (<c>/path/file</c>).</summary>
    File = 2,

    /// <summary>A Maildir (<c>/path/dir/</c>).</summary>
    Folder = 3,

    /// <summary>A program that reads the message (<c>|command</c>).</summary>
    Command = 4,
}
