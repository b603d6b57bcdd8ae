using System.CommandLine;

namespace RelayProxy.Commands;

/// <summary><c>queue …</c>: what waits, and what an operator can do about it. Works on the store itself, whether the relay runs or
/// not.</summary>
internal static class QueueCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        DescribedCommand[] commands =
        [
            QueueListCommand.Create(context),
            QueueShowCommand.Create(context),
            .. QueueChangeCommand.CreateAll(context),
            QueueExportCommand.Create(context),
            QueueImportCommand.Create(context),
        ];
        var queue = new Command("queue", "See and change what waits to be sent.");
        foreach (DescribedCommand described in commands)
        {
            queue.Subcommands.Add(described.Command);
        }

        return new DescribedCommand(queue, [.. commands.SelectMany(described => described.Examples)]);
    }
}
