using System.CommandLine;
using System.Text.Json;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary><c>queue list</c>: one line a message, oldest first.</summary>
internal static class QueueListCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var targets = new QueueTargets();
        Option<bool> json = CommonOptions.Json();
        var limit = new Option<int?>("--limit") { Description = "At most so many.", HelpName = "N" };
        var command = new Command("list", "List what waits, oldest first.") { json, limit };
        targets.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (targets.Read(parsed, requireSome: false, out string trouble) is not { } selection)
            {
                context.Complain($"relayproxy queue list: {trouble}");
                return ExitCode.Usage;
            }

            await using IQueueStore store = await context.OpenQueueAsync(parsed.GetValue(CommonOptions.Config), cancellationToken);
            return await ListAsync(context, store, selection with { Limit = parsed.GetValue(limit) }, parsed.GetValue(json), cancellationToken);
        });
        return new DescribedCommand(
            command,
            "relayproxy queue list                       everything",
            "relayproxy queue list --deferred            what was tried and has to be tried again",
            "relayproxy queue list @example.net          from or to anyone at example.net",
            "relayproxy queue list --json | jq -r .id");
    }

    private static async Task<int> ListAsync(
        CommandContext context, IQueueStore store, QueueSelection selection, bool json, CancellationToken cancellationToken)
    {
        var table = new Table(context, ("ID", 13), ("AGE", 4), ("SIZE", 7), ("STATE", 10), ("SENDER", 28), ("RECIPIENTS", 0));
        (long messages, long octets) = (0, 0);
        await foreach (QueuedMessage message in store.ListAsync(selection, cancellationToken))
        {
            (messages, octets) = (messages + 1, octets + message.Octets);
            if (json)
            {
                context.Output.WriteLine(JsonSerializer.Serialize(QueueWords.Facts(message), CommandJson.Plain.MessageFacts));
                continue;
            }

            table.Row(
                message.Id.ToString(),
                TerminalText.Age(context.Clock.GetUtcNow() - message.ReceivedAt),
                TerminalText.Size(message.Octets),
                QueueWords.State(message),
                QueueWords.Address(message.Envelope.Sender),
                QueueWords.Recipients(message));
        }

        if (!json)
        {
            context.Say(messages == 0 ? "no messages" : $"{TerminalText.Count(messages, "message")}, {TerminalText.Size(octets)}");
        }

        return ExitCode.Ok;
    }
}
