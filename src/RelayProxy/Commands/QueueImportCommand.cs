using System.CommandLine;
using RelayProxy.Commands.Import;
using RelayProxy.Configuration;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary><c>queue import</c>: mail that dma left in its spool is taken over. May be called again at any time, beside a running relay too.</summary>
internal static class QueueImportCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var folder = new Argument<string>("folder") { Description = "dma's SPOOLDIR, usually /var/spool/dma." };
        var command = new Command("import", "Take over the mail that waits in dma's spool; each file is removed there when its mail is safe here.") { folder };
        command.SetAction(async (parsed, cancellationToken) =>
            await ImportAsync(context, parsed.GetValue(CommonOptions.Config), parsed.GetRequiredValue(folder), cancellationToken));
        return new DescribedCommand(command, "relayproxy queue import /var/spool/dma     after dma was stopped");
    }

    private static async Task<int> ImportAsync(CommandContext context, string? file, string folder, CancellationToken cancellationToken)
    {
        folder = Path.Combine(context.Inputs.WorkingFolder, folder);
        IReadOnlyList<string> names;
        try
        {
            names = DmaSpool.Names(folder);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            context.Complain($"relayproxy queue import: {folder} {SecretFile.Reason(fault, folder)}");
            return ExitCode.NoInput;
        }

        // All settings must be good: it is they who say where each message goes.
        RelayOptions options = context.ReadConfiguration(file).RequireGood().Options;
        await using IQueueStore store = await context.OpenQueueAsync(file, cancellationToken);
        var intake = new SpoolIntake(store, Relay.IntakeOf(store, options, context.Clock));
        int taken = 0;
        int left = 0;
        foreach (string name in names)
        {
            using DmaSpoolEntry? entry = DmaSpool.TryOpen(folder, name, out string trouble);
            (Taken what, Mail.QueueId id, string why) = entry is null ? (Taken.No, default, trouble) : await intake.TakeAsync(entry, name, cancellationToken);
            switch (what)
            {
                case Taken.Now:
                    taken++;
                    context.Say($"{name} is {id}: <{entry!.Sender}> to <{entry.Recipient}>");
                    break;
                case Taken.Before:
                    context.Say($"{name} is {id}, and was here already");
                    break;
                case Taken.No:
                    left++;
                    context.Complain($"{name} stays where it is: {why}");
                    break;
            }
        }

        context.Say($"{TerminalText.Count(taken, "message")} taken over" + (left == 0 ? "" : $", {left} left in {folder}"));
        return left == 0 ? ExitCode.Ok : ExitCode.Temporary;
    }
}
