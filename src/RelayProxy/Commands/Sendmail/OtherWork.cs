using RelayProxy.Commands.Mailq;
using RelayProxy.Mail;
using RelayProxy.Submission;
using RelayProxy.Submission.Flags;

namespace RelayProxy.Commands.Sendmail;

/// <summary>What a sendmail does besides taking a message, most of which other commands do here.</summary>
internal static class OtherWork
{
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(SendmailRequest request, Caller caller, CommandContext context) => request.WantsHelp ? Task.FromResult(Help(caller)) : request.Work switch
    {
        SendmailWork.Smtp => new SmtpWork(request.ConfigurationFile, caller, context).RunAsync(),
        SendmailWork.BatchedSmtp => throw new SubmissionException(ExitCode.Unavailable, "-bS is not done here; -bs speaks SMTP, and a message alone needs neither"),
        SendmailWork.PrintQueue => MailqCommand.ListAsync(context, request, json: false),
        SendmailWork.NewAliases => Task.FromResult(NewAliasesCommand.Check(context, request.ConfigurationFile)),
        SendmailWork.RunQueue => RunQueueAsync(request, caller, context),
        SendmailWork.Serve => ServeCommand.RunAsync(context, request.ConfigurationFile, CancellationToken.None),
        SendmailWork.Verify => Task.FromResult(new VerifyWork(request.ConfigurationFile, caller, context).Verify(request.Words)),
        SendmailWork.Test => Task.FromResult(new VerifyWork(request.ConfigurationFile, caller, context).Test()),
        SendmailWork.HostStatus => Task.FromResult(TellOfHosts(caller)),
        SendmailWork.Message => throw new InvalidOperationException("That is MessageWork's."),
    };

    private static Task<int> RunQueueAsync(SendmailRequest request, Caller caller, CommandContext context)
    {
        string what = request.QueueRun ?? "";
        if (what is [>= '0' and <= '9', ..] or ['p', >= '0' and <= '9', ..])
        {
            caller.Log($"-q{what} runs the queue once; a relay that runs comes back to it by itself", isDetail: false);
        }

        return QueueRun.RunAsync(context, request.ConfigurationFile, new QueueMatch(what, request.Words), request.IsVerbose ? caller.Say : null);
    }

    private static int Help(Caller caller)
    {
        foreach (string line in SendmailHelp.Lines())
        {
            caller.Say(line);
        }

        return ExitCode.Ok;
    }

    private static int TellOfHosts(Caller caller)
    {
        caller.Say("Nothing is remembered of other hosts: mail goes to the smarthost (relayproxy queue list, relayproxy trace).");
        return ExitCode.Ok;
    }
}
