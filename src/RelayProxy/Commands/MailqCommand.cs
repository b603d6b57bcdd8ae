using System.Text.Json;
using RelayProxy.Commands.Mailq;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Submission.Flags;

namespace RelayProxy.Commands;

/// <summary><c>mailq</c>: what waits, in the table that Postfix prints, whatever flags of sendmail's it was called with.</summary>
internal static class MailqCommand
{
    public const string Description = "Show what waits in the queue, as mailq always did.";

    public static OldCommandHelp Help { get; } = new(
        CalledName.Mailq,
        "[-v] [-qIid | -qRrecipient | -qSsender] [--json] [--config FILE]",
        """
        Shows what waits in the queue, as Postfix's mailq does: * behind an id means that the message is being delivered now, ! that it is held
        or parked. In parentheses stands what was last said about the recipients below, and when they are tried next. Nagios reads it with
        check_mailq -M postfix. Unlike Postfix's it has no more rights than its caller: who may see the queue is root, and the group relayproxy.
        """,
        ("-v", "tell more of each message, and who has it already"),
        ("-qIid", "only messages with this in their id; -qR: in a recipient; -qS: in the sender; -q!...: all but those"),
        ("--json, -j", "one object a line, with the names of Postfix's postqueue -j and some more"),
        ("--config FILE", "the configuration file, instead of /etc/relayproxy/relayproxy.json"));

    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static Task<int> RunAsync(CommandContext context, IReadOnlyList<string> arguments)
    {
        string[] flags = [.. arguments.Where(argument => !IsJson(argument))];
        SendmailRequest request = SendmailArguments.Read(flags, takesLongOptions: true);
        if (request.WantsHelp)
        {
            context.Output.WriteLine(Help);
            return Task.FromResult(ExitCode.Ok);
        }

        return ListAsync(context, request, json: flags.Length < arguments.Count);
    }

    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> ListAsync(CommandContext context, SendmailRequest request, bool json)
    {
        var match = new QueueMatch(request.QueueRun ?? "", request.Words);
        var table = new PostfixTable(context, request.IsVerbose);
        await using IQueueStore store = await context.OpenQueueAsync(request.ConfigurationFile, CancellationToken.None);
        await foreach (QueuedMessage message in store.ListAsync(match.Selection, CancellationToken.None))
        {
            if (!match.Includes(message))
            {
                continue;
            }

            if (json)
            {
                context.Output.WriteLine(JsonSerializer.Serialize(WaitingMessageFacts.Of(message), MailqJson.Plain.WaitingMessageFacts));
            }
            else
            {
                table.Add(message);
            }
        }

        if (!json)
        {
            table.Finish();
        }

        return ExitCode.Ok;
    }

    private static bool IsJson(string argument) => argument is "--json" or "-j";
}
