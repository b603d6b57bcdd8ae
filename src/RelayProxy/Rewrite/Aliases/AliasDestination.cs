using System.Buffers;
using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>What the right side of an alias can name.</summary>
internal enum AliasDestinationKind
{
    /// <summary>An address, or a name at this machine, which may be an alias again.</summary>
    Address,

    /// <summary><c>\name</c>: the name, and no further alias of it.</summary>
    Final,

    /// <summary><c>:include:/path</c>: the destinations in that file.</summary>
    Include,

    /// <summary><c>/path/file</c>.</summary>
    File,

    /// <summary><c>/path/dir/</c>.</summary>
    Folder,

    /// <summary><c>|command</c>.</summary>
    Command,

    /// <summary><c>:fail: text</c>, <c>:defer: text</c>, <c>error:550 5.7.1 text</c>, <c>:unknown:</c>.</summary>
    Refusal,

    /// <summary><c>:blackhole:</c> and <c>/dev/null</c>: accepted, and thrown away.</summary>
    Blackhole,

    /// <summary>What could not be read. Mail for it is put off, for somebody meant it to go somewhere.</summary>
    Broken,
}

/// <summary>One destination of an alias.</summary>
/// <param name="Text">The path or the command; otherwise empty.</param>
/// <param name="Address">For <see cref="AliasDestinationKind.Address"/> and <see cref="AliasDestinationKind.Final"/>.</param>
/// <param name="Reply">For <see cref="AliasDestinationKind.Refusal"/> and <see cref="AliasDestinationKind.Broken"/>.</param>
internal sealed record AliasDestination(
    AliasDestinationKind Kind, AliasPlace Place, string Text = "", Mailbox? Address = null, SmtpReply? Reply = null)
{
    private static readonly SearchValues<char> s_special = SearchValues.Create(" \t,#\"\\<>(");

    /// <summary>As it could be written in an aliases file.</summary>
    public override string ToString() => Kind switch
    {
        AliasDestinationKind.Address => Bracketed(Address!.ToString()),
        AliasDestinationKind.Final => $"\\{Address}",
        AliasDestinationKind.Include => Quoted($":include:{Text}"),
        AliasDestinationKind.File or AliasDestinationKind.Folder => Quoted(Text),
        AliasDestinationKind.Command => Quoted($"|{Text}"),
        AliasDestinationKind.Refusal or AliasDestinationKind.Broken => Quoted($"error:{Reply}"),
        AliasDestinationKind.Blackhole => ":blackhole:",
    };

    /// <summary>In brackets, nothing is taken for a path or a program.</summary>
    private static string Bracketed(string address) => address[0] is '"' or '|' or '/' or '#' ? $"<{address}>" : address;

    private static string Quoted(string text) =>
        text.AsSpan().ContainsAny(s_special)
            ? $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
            : text;
}
