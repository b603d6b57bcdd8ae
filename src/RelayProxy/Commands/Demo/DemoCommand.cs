using System.CommandLine;

namespace RelayProxy.Commands.Demo;

/// <summary><c>demo</c>: what the relay does, shown from end to end, without a setting and without a right.</summary>
internal static class DemoCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var once = new Option<bool>("--once") { Description = "End after the first message: exit 0 if it arrived." };
        var command = new Command("demo", "Watch a message travel, from a local program to a stand-in smarthost.") { once };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var interruption = new Interruption(cancellationToken);
            var screen = new DemoScreen(context.Output, context.IsTerminal && !context.NoColour);
            var demonstration = new Demonstration(screen, context.Clock, context.Inputs.Arguments);
            return await demonstration.RunAsync(parsed.GetValue(once), interruption.Token);
        });
        return new DescribedCommand(
            command,
            "relayproxy demo                             until Ctrl-C, for mail from any program",
            "relayproxy demo --Listener:Endpoints=127.0.0.1:2525");
    }
}
