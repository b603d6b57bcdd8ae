using RelayProxy.Mail;

namespace RelayProxy.Commands;

/// <summary><c>newaliases</c>.</summary>
internal static class NewAliasesCommand
{
    public const string Description = "Check the aliases and have them read again, as newaliases did.";

    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(CommandContext context, IReadOnlyList<string> arguments)
    {
        context.Complain("newaliases: not here yet");
        return Task.FromResult(ExitCode.Unavailable);
    }
}
