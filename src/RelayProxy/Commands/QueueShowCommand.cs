using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary><c>queue show</c>: all about one message but its body, which is nobody's business.</summary>
internal static class QueueShowCommand
{
    /// <summary>A larger header section is shown cut.</summary>
    private const int MostHeaderOctets = 256 * 1024;

    public static DescribedCommand Create(CommandContext context)
    {
        var name = new Argument<string>("id") { Description = "The queue id: it is in the 250 reply, in every log line and in Received." };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("show", "Show a message: its envelope, its recipients and what was said about them, its header section.") { name, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!QueueId.TryParse(parsed.GetValue(name), out QueueId id))
            {
                context.Complain($"relayproxy queue show: \"{parsed.GetValue(name)}\" is no queue id");
                return ExitCode.Usage;
            }

            await using IQueueStore store = await context.OpenQueueAsync(parsed.GetValue(CommonOptions.Config), cancellationToken);
            await foreach (QueuedMessage message in store.ListAsync(new QueueSelection { Ids = [id] }, cancellationToken))
            {
                string header = await ReadHeaderAsync(store, message, cancellationToken);
                if (parsed.GetValue(json))
                {
                    context.Output.WriteLine(JsonSerializer.Serialize(QueueWords.Facts(message, header), CommandJson.Plain.MessageFacts));
                }
                else
                {
                    Show(context, message, header);
                }

                return ExitCode.Ok;
            }

            context.Complain($"relayproxy queue show: {id} is not in the queue; relayproxy trace {id} tells what became of it");
            return ExitCode.NoInput;
        });
        return new DescribedCommand(command, "relayproxy queue show 0B7MZ5W4Q8S2K");
    }

    private static void Show(CommandContext context, QueuedMessage message, string header)
    {
        DateTimeOffset now = context.Clock.GetUtcNow();
        void Line(string label, string text) => context.Say($"{label,-12}{text}");
        string When(DateTimeOffset time) => $"{TerminalText.Time(time, context.Clock)} ({TerminalText.Relative(time, now)})";

        Line("id", $"{message.Id} {QueueWords.State(message)}");
        Line("received", When(message.ReceivedAt) + (message.Origin.Length > 0 ? $" from {message.Origin}" : ""));
        Line("sender", QueueWords.Address(message.Envelope.Sender));
        Line("size", $"{message.Octets.ToString(CultureInfo.InvariantCulture)} octets");
        if (message.MessageId.Length > 0)
        {
            Line("message-id", message.MessageId);
        }

        Line("gives up", When(message.ExpiresAt));
        foreach (QueuedRecipient recipient in message.Recipients)
        {
            Line("recipient", $"{QueueWords.Address(recipient.Recipient.Address)}{QueueWords.Place(recipient.Recipient.Local)} {Progress(recipient, When)}");
            if (recipient.LastReply is { } reply)
            {
                Line("", reply);
            }

            if (recipient.MayHaveBeenDelivered)
            {
                Line("", "may have been delivered: the connection was lost after the message had been sent");
            }
        }

        context.Output.WriteLine();
        foreach (string line in header.Split('\n'))
        {
            context.Say(line.Replace("\t", "    ", StringComparison.Ordinal));
        }
    }

    private static string Progress(QueuedRecipient recipient, Func<DateTimeOffset, string> when) => recipient.State switch
    {
        RecipientState.Waiting => $"waiting, {TerminalText.Count(recipient.Attempts, "attempt")}, next {when(recipient.NextAttempt)}",
        RecipientState.Held or RecipientState.Parked or RecipientState.Delivered or RecipientState.Bounced =>
            $"{QueueWords.State(recipient.State)}, {TerminalText.Count(recipient.Attempts, "attempt")}",
    };

    private static async Task<string> ReadHeaderAsync(IQueueStore store, QueuedMessage message, CancellationToken cancellationToken)
    {
        if (await store.FindContentAsync(message.Id, cancellationToken) is not { } content)
        {
            return "";
        }

        var header = new byte[Math.Min(message.HeaderOctets, MostHeaderOctets)];
        await using Stream stream = content.OpenRead();
        int read = await stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(header, 0, read).Replace("\r\n", "\n", StringComparison.Ordinal).TrimEnd('\n');
    }
}
