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

    /// <summary>252: the only truthful answer of a relay (RFC 5321 §7.3).</summary>
    internal static SmtpReply Vrfy(ReadOnlySpan<byte> argument) =>
        argument.IsEmpty ? Replies.VrfySyntax
        : System.Text.Ascii.IsValid(argument) ? Replies.CannotVerify
        : Replies.NotAscii;
}
