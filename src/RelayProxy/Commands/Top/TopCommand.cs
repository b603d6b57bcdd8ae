using System.CommandLine;
using System.Text.Json;
using RelayProxy.Commands.Demo;
using RelayProxy.Configuration;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Commands.Top;

/// <summary>
/// <c>top</c>: the queue, the smarthost and the last outcomes, again and again until somebody presses q. It reads the store itself, as the queue
/// commands do, so it shows a queue whose relay is down, too. On a terminal it has the screen for itself, and gives it back as it was; anywhere else it
/// writes a line each time.
/// </summary>
internal static class TopCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var interval = new Option<string>("--interval") { Description = "How long between two looks: 2s, 1m.", HelpName = "DURATION", DefaultValueFactory = _ => "2s" };
        var once = new Option<bool>("--once") { Description = "Look once, and end." };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("top", "Watch the queue, the smarthost and the last outcomes; q ends it.") { interval, once, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!Duration.TryParse(parsed.GetValue(interval), out TimeSpan pause) || pause < TimeSpan.FromMilliseconds(100))
            {
                context.Complain($"relayproxy top: --interval is \"{parsed.GetValue(interval)}\", which is no duration of 100ms or more; write 2s or 1m");
                return ExitCode.Usage;
            }

            string? file = parsed.GetValue(CommonOptions.Config);
            await using IQueueStore store = await context.OpenQueueAsync(file, cancellationToken);
            var view = new TopView(store, context.ReadConfiguration(file).Options, context.Clock);
            using var interruption = new Interruption(cancellationToken);
            return parsed.GetValue(json) || !HasScreen(context)
                ? await WriteAsync(context, view, parsed.GetValue(json), parsed.GetValue(once) ? null : pause, interruption.Token)
                : await ShowAsync(context, view, parsed.GetValue(once) ? null : pause, interruption.Token);
        });
        return new DescribedCommand(
            command,
            "relayproxy top                              until q is pressed",
            "relayproxy top --interval 1m >>queue.log    a line a minute",
            "relayproxy top --once --json");
    }

    /// <summary>A terminal that cannot move its cursor is as good as a file.</summary>
    private static bool HasScreen(CommandContext context) =>
        context.IsTerminal && context.Inputs.Environment.GetValueOrDefault("TERM", "dumb") is not ("dumb" or "");

    /// <summary>A line for each look.</summary>
    /// <param name="pause"><c>null</c>: one look is enough.</param>
    private static async Task<int> WriteAsync(CommandContext context, TopView view, bool json, TimeSpan? pause, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await view.LookAsync(cancellationToken);
                context.Output.WriteLine(json ? JsonSerializer.Serialize(view.Facts(), CommandJson.Plain.TopFacts) : TerminalText.Safe(view.Line()));
                if (pause is not { } wait)
                {
                    return ExitCode.Ok;
                }

                await Task.Delay(wait, context.Clock, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
    }

    private static async Task<int> ShowAsync(CommandContext context, TopView view, TimeSpan? pause, CancellationToken cancellationToken)
    {
        if (pause is not { } wait)
        {
            await view.LookAsync(cancellationToken);
            foreach (string line in view.Lines(context.ScreenSize().Height - 1))
            {
                context.Say(line);
            }

            return ExitCode.Ok;
        }

        using var screen = new FullScreen(context);
        using var quit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        QuitKey.Watch(context, quit);
        try
        {
            while (true)
            {
                await view.LookAsync(quit.Token);
                screen.Draw(view.Lines(screen.Height));
                await Task.Delay(wait, context.Clock, quit.Token);
            }
        }
        catch (OperationCanceledException) when (quit.IsCancellationRequested)
        {
            return ExitCode.Ok;
        }
    }
}
