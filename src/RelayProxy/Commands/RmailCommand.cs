using RelayProxy.Mail;

namespace RelayProxy.Commands;

/// <summary><c>rmail</c>.</summary>
internal static class RmailCommand
{
    public const string Description = "Take a message that came by UUCP.";

    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(CommandContext context, IReadOnlyList<string> arguments)
    {
        context.Complain("rmail: not here yet");
        return Task.FromResult(ExitCode.Unavailable);
    }
}
