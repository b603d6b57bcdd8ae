using RelayProxy.Mail;

namespace RelayProxy.Commands;

/// <summary><c>sendmail -q…</c>: try what waits now.</summary>
internal static class QueueRun
{
    /// <param name="file">The configuration file to read; <c>null</c> for the usual one.</param>
    /// <param name="what">What stood behind <c>-q</c>: nothing, <c>30m</c>, <c>IID</c>, <c>RPART</c>, <c>SPART</c> …</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(CommandContext context, string? file, string what)
    {
        context.Complain($"sendmail: -q{what} is not here yet");
        return Task.FromResult(ExitCode.Unavailable);
    }
}
