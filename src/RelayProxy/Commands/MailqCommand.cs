using RelayProxy.Mail;

namespace RelayProxy.Commands;

/// <summary><c>mailq</c>.</summary>
internal static class MailqCommand
{
    public const string Description = "Show what waits in the queue, as mailq always did.";

    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(CommandContext context, IReadOnlyList<string> arguments)
    {
        context.Complain("mailq: not here yet");
        return Task.FromResult(ExitCode.Unavailable);
    }
}
