using System.CommandLine;
using System.Text.Json;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary><c>queue retry|hold|release|delete</c>: does one thing to every message that is named.</summary>
internal static class QueueChangeCommand
{
    public static IEnumerable<DescribedCommand> CreateAll(CommandContext context) =>
    [
        Create(context, QueueAction.Retry, "retry", "retried", "Try messages now instead of at their next attempt.",
            "relayproxy queue retry --all                everything that waits, after the trouble is over"),
        Create(context, QueueAction.Hold, "hold", "held", "Keep messages back until they are released.",
            "relayproxy queue hold @example.net          nothing from or to example.net leaves"),
        Create(context, QueueAction.Release, "release", "released", "Let held and parked messages go, now.",
            "relayproxy queue release --state held"),
        Create(context, QueueAction.Delete, "delete", "deleted", "Delete messages for good. Nobody is told; trace remembers it.",
            "relayproxy queue delete 0B7MZ5W4Q8S2K",
            "relayproxy queue delete box@example.net --yes"),
    ];

    private static DescribedCommand Create(
        CommandContext context, QueueAction action, string name, string done, string description, params string[] examples)
    {
        var targets = new QueueTargets();
        Option<bool> json = CommonOptions.Json();
        var yes = new Option<bool>("--yes") { Description = "Delete more than single messages named by id." };
        var command = new Command(name, description) { json };
        targets.AddTo(command);
        if (action == QueueAction.Delete)
        {
            command.Options.Add(yes);
        }

        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (targets.Read(parsed, requireSome: true, out string trouble) is not { } selection)
            {
                context.Complain($"relayproxy queue {name}: {trouble}");
                return ExitCode.Usage;
            }

            if (action == QueueAction.Delete && selection.Ids.Count == 0 && !parsed.GetValue(yes))
            {
                context.Complain("relayproxy queue delete: this may be more than you think, and cannot be undone; "
                    + "look with queue list, then say --yes");
                return ExitCode.Usage;
            }

            await using IQueueStore store = await context.OpenQueueAsync(parsed.GetValue(CommonOptions.Config), cancellationToken);
            var progress = new Progress(context);
            int messages = await store.ApplyAsync(
                action, selection, context.Clock.GetUtcNow(), soFar => progress.Show($"{TerminalText.Count(soFar, "message")} {done} so far"), cancellationToken);
            progress.Clear();
            context.Output.WriteLine(parsed.GetValue(json)
                ? JsonSerializer.Serialize(new ChangeFacts(name, messages), CommandJson.Plain.ChangeFacts)
                : $"{TerminalText.Count(messages, "message")} {done}");

            // Who names a message expects it to be there.
            return messages < selection.Ids.Count ? ExitCode.NoInput : ExitCode.Ok;
        });
        return new DescribedCommand(command, examples);
    }
}
