using RelayProxy.Smtp;

namespace RelayProxy.Session;

/// <summary>Commands that move no mail (RFC 5321 §4.1.1.5 to §4.1.1.10).</summary>
internal sealed partial class SmtpSession
{
    internal async ValueTask<SmtpReply> RsetAsync(ReadOnlyMemory<byte> argument)
    {
        if (!argument.IsEmpty)
        {
            return Replies.NoArgument;
        }

        await DropTransactionAsync();
        return Replies.Reset;
    }

    internal SmtpReply Quit(ReadOnlySpan<byte> argument) =>
        argument.IsEmpty ? HangUp(SessionEnd.Quit, Replies.Goodbye) : Replies.NoArgument;

    /// <summary><c>HELP HEALTH</c> tells how the relay is: 211, system status (RFC 5321 §4.2.2), or 451 if it is not well.</summary>
    internal async ValueTask<SmtpReply> HelpAsync(ReadOnlyMemory<byte> argument) =>
        _health is { } health && System.Text.Ascii.EqualsIgnoreCase(argument.Span, "HEALTH"u8) ? Replies.Health(await health(_graceOver)) : Replies.Help;

    /// <summary>252: the only truthful answer of a relay (RFC 5321 §7.3).</summary>
    internal static SmtpReply Vrfy(ReadOnlySpan<byte> argument) =>
        argument.IsEmpty ? Replies.VrfySyntax
        : System.Text.Ascii.IsValid(argument) ? Replies.CannotVerify
        : Replies.NotAscii;
}
