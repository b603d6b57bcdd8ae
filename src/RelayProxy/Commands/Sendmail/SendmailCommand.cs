using RelayProxy.Mail;
using RelayProxy.Submission;
using RelayProxy.Submission.Flags;

namespace RelayProxy.Commands.Sendmail;

/// <summary><c>sendmail</c>: what programs call to have mail sent, and what its flags make of it besides.</summary>
internal static class SendmailCommand
{
    public const string Description = "Take a message from standard input, as sendmail does: what programs call to have mail sent.";

    /// <summary>As <c>relayproxy sendmail</c>, with settings among the arguments or before them.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(CommandContext context, IReadOnlyList<string> arguments) =>
        Task.FromResult(Run(arguments, takesLongOptions: true, new ContextCaller(context), () => context));

    /// <summary>Called by one of its old names.</summary>
    /// <param name="context">Made only if more than a hand-over is asked for: making it takes as long as a hand-over.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, Func<CommandContext> context) =>
        Run(arguments, takesLongOptions: false, new CallingProcess(), context);

    private static int Run(IReadOnlyList<string> arguments, bool takesLongOptions, Caller caller, Func<CommandContext> context)
    {
        SendmailRequest request = SendmailArguments.Read(arguments, takesLongOptions);
        try
        {
            if (request.Fault is { } fault)
            {
                throw new SubmissionException(ExitCode.Usage, fault);
            }

            return request.Work == SendmailWork.Message && !request.WantsHelp
                ? new MessageWork(request, caller, context).Run()
                : OtherWork.RunAsync(request, caller, context()).GetAwaiter().GetResult();
        }
        catch (SubmissionException trouble)
        {
            caller.Complain($"sendmail: {trouble.Message}");
            return trouble.ExitCode;
        }
    }
}
