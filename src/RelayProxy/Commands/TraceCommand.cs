using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RelayProxy.Delivery.Local;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary><c>trace</c>: what became of a message, or of all mail from or to somebody.</summary>
internal static class TraceCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var name = new Argument<string>("id or address") { Description = "A queue id; or an address, sender or recipient." };
        Option<bool> json = CommonOptions.Json();
        var limit = new Option<int?>("--limit") { Description = "At most so many lines.", HelpName = "N" };
        var command = new Command("trace", "Tell what became of a message, or of all mail from or to an address.") { name, json, limit };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string text = parsed.GetRequiredValue(name).Trim('<', '>');
            bool isId = QueueId.TryParse(text, out QueueId id);
            if (!isId && !text.Contains('@', StringComparison.Ordinal))
            {
                context.Complain($"relayproxy trace: \"{text}\" is neither a queue id nor an address");
                return ExitCode.Usage;
            }

            await using IQueueStore store = await context.OpenQueueAsync(parsed.GetValue(CommonOptions.Config), cancellationToken);
            var selection = new HistorySelection(isId ? id : null, isId ? null : text, parsed.GetValue(limit));
            return await TraceAsync(context, store, selection, text, parsed.GetValue(json), cancellationToken);
        });
        return new DescribedCommand(
            command,
            "relayproxy trace 0B7MZ5W4Q8S2K              one message",
            "relayproxy trace ops@example.net            did it arrive?");
    }

    private static async Task<int> TraceAsync(
        CommandContext context, IQueueStore store, HistorySelection selection, string text, bool json, CancellationToken cancellationToken)
    {
        bool any = false;
        await foreach (HistoryEntry entry in store.HistoryAsync(selection, cancellationToken))
        {
            any = true;
            if (json)
            {
                context.Output.WriteLine(JsonSerializer.Serialize(Facts(entry), CommandJson.Plain.HistoryFacts));
            }
            else
            {
                context.Say(Line(context, entry));
            }
        }

        // What waits has no last line yet; so say when it will have one.
        var waiting = new QueueSelection { Ids = selection.Id is { } id ? [id] : [], Address = selection.Address, Limit = selection.Limit };
        await foreach (QueuedMessage message in store.ListAsync(waiting, cancellationToken))
        {
            any = true;
            if (!json)
            {
                context.Say(Line(context, message));
            }
        }

        if (any)
        {
            return ExitCode.Ok;
        }

        context.Complain($"relayproxy trace: nothing is known of {text} (Queue:HistoryFor says how long what is done is remembered)");
        return ExitCode.NoInput;
    }

    private static string Line(CommandContext context, HistoryEntry entry)
    {
        if (entry.Smarthost == LocalDelivery.Name)
        {
            return $"{TerminalText.Time(entry.At, context.Clock)} {entry.Id} {entry.Sender} → {entry.Recipient} {entry.Outcome} on this machine: {entry.Reply}";
        }

        string where = entry.Smarthost.Length == 0 ? "" : $" by {entry.Smarthost}{(entry.Tls.Length == 0 ? "" : $" ({entry.Tls})")}";
        string delay = entry.Delay > TimeSpan.Zero ? string.Create(CultureInfo.InvariantCulture, $" after {entry.Delay.TotalSeconds:0.###}s") : "";
        return $"{TerminalText.Time(entry.At, context.Clock)} {entry.Id} {entry.Sender} → {entry.Recipient} {entry.Outcome}{where} at {entry.Stage}{delay}"
            + (entry.Reply.Length == 0 ? "" : $": {entry.Reply}");
    }

    private static string Line(CommandContext context, QueuedMessage message)
    {
        DateTimeOffset now = context.Clock.GetUtcNow();
        QueuedRecipient[] waiting = [.. message.Recipients.Where(recipient => recipient.State == RecipientState.Waiting)];
        string next = message.InDelivery || waiting.Length == 0 ? "" : $", next attempt {TerminalText.Relative(waiting.Min(recipient => recipient.NextAttempt), now)}";
        return $"{TerminalText.Time(now, context.Clock)} {message.Id} in the queue: {QueueWords.State(message)}, {QueueWords.Recipients(message)}{next}";
    }

    private static HistoryFacts Facts(HistoryEntry entry) => new(
        entry.Id.ToString(), entry.At, entry.Sender, entry.Recipient, entry.Outcome, entry.Stage, entry.Smarthost, entry.Tls, entry.Delay.TotalSeconds, entry.Reply);
}
