namespace RelayProxy.Submission;

/// <summary>What a program has handed over cannot be taken. The message is a sentence for standard error: what was wrong, where, and the way
/// out.</summary>
/// <param name="exitCode">One of <see cref="Mail.ExitCode"/>.</param>
internal sealed class SubmissionException(int exitCode, string message, Exception? cause = null) : Exception(message, cause)
{
    public int ExitCode { get; } = exitCode;
}
