using System.CommandLine;
using System.CommandLine.Invocation;
using System.Runtime.InteropServices;
using System.Text.Json;
using RelayProxy.Mail;
using RelayProxy.Telemetry;

namespace RelayProxy.Commands;

/// <summary><c>version</c>: what runs here.</summary>
internal static class VersionCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        Option<bool> json = CommonOptions.Json();
        var command = new Command("version", "Tell which version this is.") { json };
        command.SetAction(parsed => Show(context, parsed.GetValue(json)));
        return new DescribedCommand(command);
    }

    private static int Show(CommandContext context, bool json)
    {
        var facts = new VersionFacts(ProductVersion.Text, RuntimeInformation.FrameworkDescription, RuntimeInformation.RuntimeIdentifier);
        context.Say(json
            ? JsonSerializer.Serialize(facts, CommandJson.Plain.VersionFacts)
            : $"relayproxy {facts.Version} ({facts.Runtime}, {facts.Platform})");
        return ExitCode.Ok;
    }

    /// <summary><c>--version</c>, which people type first.</summary>
    public sealed class Shown(CommandContext context) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult) => Show(context, json: false);
    }
}
