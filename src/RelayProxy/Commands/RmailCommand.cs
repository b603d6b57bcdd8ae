using System.IO.Pipelines;
using RelayProxy.Commands.Sendmail;
using RelayProxy.Mail;
using RelayProxy.Submission;

namespace RelayProxy.Commands;

/// <summary><c>rmail</c>, which uuxqt(8) calls for a message that came by UUCP: its envelope is read, and the rest is sendmail's.</summary>
internal static class RmailCommand
{
    public const string Description = "Take a message that came by UUCP.";

    public static OldCommandHelp Help { get; } = new(
        CalledName.Rmail,
        "recipient ...",
        """
        Takes a message that came by UUCP from standard input. The lines 'From user ... remote from host' in front of it say who sent it; recipients
        are addresses, or ways (example.net!user is user@example.net). sendmail's -D and -T are taken and do nothing.
        """);

    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(CommandContext context, IReadOnlyList<string> arguments)
    {
        if (arguments.Contains("--help"))
        {
            context.Output.WriteLine(Help);
            return ExitCode.Ok;
        }

        string[] recipients = [.. WithoutFlags(arguments)];
        if (recipients is [])
        {
            context.Complain("rmail: nobody to send it to: name recipients");
            return ExitCode.Usage;
        }

        // They are another machine's words, and no flags for this one.
        if (Array.Exists(recipients, recipient => recipient.StartsWith('-')))
        {
            context.Complain("rmail: a recipient cannot begin with -; nothing was sent");
            return ExitCode.Usage;
        }

        PipeReader input = PipeReader.Create(context.OpenInputStream());
        try
        {
            string sender = await UucpEnvelope.ReadSenderAsync(input);
            return await SendmailCommand.RunAsync(
                context with { OpenInputStream = () => input.AsStream() },
                ["-i", "-f", sender, "--", .. recipients.Select(UucpAddress.ToInternet)]);
        }
        catch (SubmissionException trouble)
        {
            context.Complain($"rmail: {trouble.Message}");
            return trouble.ExitCode;
        }
    }

    /// <summary>What sendmail's own rmail takes in front of the recipients: <c>-D domain</c>, <c>-T</c>.</summary>
    private static IEnumerable<string> WithoutFlags(IReadOnlyList<string> arguments)
    {
        int at = arguments is ["--", ..] ? 1 : 0;
        while (at < arguments.Count && arguments[at] is ['-', 'D' or 'T', ..] flag)
        {
            at += flag == "-D" ? 2 : 1;
        }

        return arguments.Skip(at < arguments.Count && arguments[at] == "--" ? at + 1 : at);
    }
}
