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
        try
        {
            SendmailRequest request = SendmailArguments.Read(arguments, takesLongOptions);
            if (request.PassedOver.Count + request.Unknown.Count > 0)
            {
                TellOfFlags(request, caller);
            }

            if (request.Fault is { } fault)
            {
                throw new SubmissionException(ExitCode.Usage, fault);
            }

            return request is { Work: SendmailWork.Message, WantsHelp: false }
                ? new MessageWork(request, caller, context).Run()
                : RunOther(request, caller, context());
        }
        catch (SubmissionException trouble)
        {
            caller.Complain($"sendmail: {trouble.Message}");
            return trouble.ExitCode;
        }
        catch (Exception fault)
        {
            // Whoever has the message still has it, and may try again.
            caller.Complain($"sendmail: a fault of this program: {fault.GetType().Name}: {fault.Message}");
            return ExitCode.Temporary;
        }
    }

    /// <summary>Whoever wonders why a flag has no effect finds it said. What is known to have none is not worth a line of an ordinary log.</summary>
    private static void TellOfFlags(SendmailRequest request, Caller caller)
    {
        Tell(request.PassedOver, "does nothing here", isKnown: true);
        Tell(request.Unknown, "is not understood, and passed over", isKnown: false);

        void Tell(List<string> flags, string what, bool isKnown)
        {
            if (flags.Count > 0)
            {
                string line = $"{string.Join(' ', flags)} {what}";
                caller.Log(line, isKnown);
                if (request.IsVerbose)
                {
                    caller.Complain($"sendmail: {line}");
                }
            }
        }
    }

    private static int RunOther(SendmailRequest request, Caller caller, CommandContext context) =>
        CommandTable.OrComplainAsync(() => OtherWork.RunAsync(request, caller, context), context).GetAwaiter().GetResult();
}
