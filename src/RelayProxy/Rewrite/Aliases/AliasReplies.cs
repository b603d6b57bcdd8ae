using RelayProxy.Smtp;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>
/// What is said of names and aliases that lead nowhere. Where the fault is in our own files and settings it is a 4xx: whoever brings the
/// mail may keep it until somebody has mended them.
/// </summary>
internal static class AliasReplies
{
    public static SmtpReply UnknownLocal { get; } = new(
        550, 1, 1, "No such user here: neither an alias nor a mailbox (what becomes of such names says Rewrite:UnknownLocal)");

    public static SmtpReply Unqualified { get; } = new(550, 1, 2, "The recipient's domain is not fully qualified");

    /// <summary>RFC 3463 X.4.6: routing loop.</summary>
    public static SmtpReply Loop { get; } = new(550, 4, 6, "The aliases of this name go in a circle");

    /// <summary>RFC 3463 X.2.4: mailing list expansion problem.</summary>
    public static SmtpReply TooDeep { get; } = new(550, 2, 4, $"The aliases of this name are nested more than {AliasExpansion.MaxDepth} deep");

    public static SmtpReply TooMany { get; } = new(550, 2, 4, $"This name stands for more than {AliasExpansion.MaxResults} recipients");

    /// <summary>RFC 5321 §4.5.3.1.10: the rest may come in another transaction.</summary>
    public static SmtpReply TooManyTogether { get; } = new(452, 5, 3, "Too many recipients once aliases are followed, send the rest separately");

    /// <summary>The aliases file is there and has never been readable, so that nobody can say who is unknown.</summary>
    public static SmtpReply NoAliases { get; } = new(451, 3, 5, "The aliases cannot be read, try again later");

    public static SmtpReply NoInclude { get; } = new(451, 3, 5, "A list that this name includes cannot be read, try again later");

    public static SmtpReply NoRedirect { get; } = new(451, 3, 5, "Rewrite:RedirectAllTo leads nowhere");

    public static SmtpReply NotAllowed(string setting) => new(451, 3, 5, $"This name's alias needs {setting}, which is off");

    public static SmtpReply NotSafe { get; } = new(
        451, 3, 5, "This name's alias names a program or a file, and others may change the file that says so");

    public static SmtpReply Broken(AliasPlace place) => new(451, 3, 5, place.Line == 0
        ? "This name's alias cannot be understood"
        : $"This name's alias cannot be understood (line {place.Line})");
}
