using RelayProxy.Mail;
using RelayProxy.Submission;
using RelayProxy.Submission.Flags;

namespace RelayProxy.Commands.Sendmail;

/// <summary>What a sendmail does besides taking a message, most of which other commands do here.</summary>
internal static class OtherWork
{
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(SendmailRequest request, Caller caller, CommandContext context) => request.Work switch
    {
        SendmailWork.PrintQueue => MailqCommand.RunAsync(context, Words(request)),
        SendmailWork.NewAliases => NewAliasesCommand.RunAsync(context, Words(request)),
        SendmailWork.RunQueue => QueueRun.RunAsync(context, request.ConfigurationFile, request.QueueRun ?? ""),
        SendmailWork.Serve => ServeCommand.RunAsync(context, request.ConfigurationFile, CancellationToken.None),
        _ => throw new SubmissionException(ExitCode.Unavailable, "not here yet"),
    };

    private static List<string> Words(SendmailRequest request) =>
        request.ConfigurationFile is { } file ? ["--config", file, .. request.Words] : request.Words;
}
