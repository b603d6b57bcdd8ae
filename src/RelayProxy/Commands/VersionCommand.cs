using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace RelayProxy.Commands;

/// <summary><c>version</c>: what runs here.</summary>
internal static class VersionCommand
{
    /// <summary><c>0.1.0</c>.</summary>
    public static string Version { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public static DescribedCommand Create(CommandContext context)
    {
        Option<bool> json = CommonOptions.Json();
        var command = new Command("version", "Tell which version this is.") { json };
        command.SetAction(parsed =>
        {
            var facts = new VersionFacts(Version, RuntimeInformation.FrameworkDescription, RuntimeInformation.RuntimeIdentifier);
            context.Say(parsed.GetValue(json)
                ? JsonSerializer.Serialize(facts, CommandJson.Default.VersionFacts)
                : $"relayproxy {facts.Version} ({facts.Runtime}, {facts.Platform})");
            return ExitCode.Ok;
        });
        return new DescribedCommand(command);
    }
}
