using RelayProxy.Commands.Mailq;
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
        SendmailWork.PrintQueue => MailqCommand.ListAsync(context, request, json: false),
        SendmailWork.NewAliases => Task.FromResult(NewAliasesCommand.Check(context, request.ConfigurationFile)),
        SendmailWork.RunQueue => QueueRun.RunAsync(
            context, request.ConfigurationFile, new QueueMatch(request.QueueRun ?? "", request.Words), request.IsVerbose ? caller.Say : null),
        SendmailWork.Serve => ServeCommand.RunAsync(context, request.ConfigurationFile, CancellationToken.None),
        _ => throw new SubmissionException(ExitCode.Unavailable, "not here yet"),
    };
}
