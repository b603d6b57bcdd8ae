using System.CommandLine;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary><c>queue export</c>: the octets of a message, as they would be sent.</summary>
internal static class QueueExportCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var name = new Argument<string>("id") { Description = "The queue id." };
        var output = new Option<string?>("--output", "-o") { Description = "Write to this new file instead of standard output.", HelpName = "FILE" };
        var command = new Command("export", "Write a message's octets, header and body, to standard output or a file.") { name, output };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!QueueId.TryParse(parsed.GetValue(name), out QueueId id))
            {
                context.Complain($"relayproxy queue export: \"{parsed.GetValue(name)}\" is no queue id");
                return ExitCode.Usage;
            }

            await using IQueueStore store = await context.OpenQueueAsync(parsed.GetValue(CommonOptions.Config), cancellationToken);
            if (await store.FindContentAsync(id, cancellationToken) is not { } content)
            {
                context.Complain($"relayproxy queue export: {id} is not in the queue");
                return ExitCode.NoInput;
            }

            return await ExportAsync(context, content, parsed.GetValue(output), cancellationToken);
        });
        return new DescribedCommand(command, "relayproxy queue export 0B7MZ5W4Q8S2K --output message.eml");
    }

    private static async Task<int> ExportAsync(CommandContext context, MessageContent content, string? path, CancellationToken cancellationToken)
    {
        Stream target;
        try
        {
            // A message is its owner's alone, and no existing file is worth less than it.
            target = path is null ? context.OpenOutputStream() : new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            context.Complain($"relayproxy queue export: {fault.Message}");
            return ExitCode.CannotCreate;
        }

        await using (target)
        {
            await using Stream source = content.OpenRead();
            await source.CopyToAsync(target, cancellationToken);
            await target.FlushAsync(cancellationToken);
        }

        return ExitCode.Ok;
    }
}
