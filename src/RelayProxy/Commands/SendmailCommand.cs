using RelayProxy.Mail;

namespace RelayProxy.Commands;

/// <summary><c>sendmail</c>: what programs call to have mail sent.</summary>
internal static class SendmailCommand
{
    public const string Description = "Take a message from standard input, as sendmail does: what programs call to have mail sent.";

    /// <summary>With settings among the arguments, or before them: what is read then is the configuration, and not the digest.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(CommandContext context, IReadOnlyList<string> arguments) => Task.FromResult(Run(arguments, () => context));

    /// <param name="context">Made only if more than the hand-over is asked for: making it costs as much as a hand-over.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, Func<CommandContext> context)
    {
        context().Complain("sendmail: not here yet");
        return ExitCode.Temporary;
    }
}
