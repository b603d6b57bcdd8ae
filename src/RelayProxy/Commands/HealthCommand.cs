using System.CommandLine;
using System.Text.Json;
using RelayProxy.Configuration;
using RelayProxy.Mail;
using RelayProxy.Telemetry;

namespace RelayProxy.Commands;

/// <summary>
/// <c>health</c>: 0 if the relay answers, delivers, and can keep mail, 1 if not: for container probes, where there is no shell. It asks the relay at its own
/// door, through the handler that clients meet, so that it needs no other port, and no right to the queue. A smarthost that is away is told of and
/// is not ill health: a restart would not bring it back, and mail can still be taken.
/// </summary>
internal static class HealthCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var timeout = new Option<int>("--timeout")
        {
            Description = "Seconds to wait for the listener.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => 10,
        };
        var requireSmarthost = new Option<bool>("--require-smarthost") { Description = "A smarthost that takes no mail is ill health too." };
        var live = new Option<bool>("--live") { Description = "Only what a restart may mend: whether it answers and delivers." };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("health", "Tell whether the relay answers, delivers, and can keep mail: exit 0 or 1.") { timeout, requireSmarthost, live, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RelayOptions options = context.ReadConfiguration(parsed.GetValue(CommonOptions.Config)).Options;
            HealthReport report = await HealthQuestion.AskAsync(
                options, parsed.GetValue(requireSmarthost), TimeSpan.FromSeconds(parsed.GetValue(timeout)), context.Clock, cancellationToken);
            if (parsed.GetValue(live))
            {
                report = new HealthReport([.. report.Findings.Where(finding => finding.Name is "listener" or "delivery")]);
            }

            if (parsed.GetValue(json))
            {
                context.Output.WriteLine(JsonSerializer.Serialize(HealthFacts.Of(report), CommandJson.Plain.HealthFacts));
            }
            else
            {
                context.Say(InWords(report));
            }

            return report.IsWell ? ExitCode.Ok : ExitCode.No;
        });
        return new DescribedCommand(
            command,
            "relayproxy health                           is it ready for mail?",
            "relayproxy health --live                    should it be restarted?");
    }

    private static string InWords(HealthReport report)
    {
        string[] troubles = [.. report.Findings.Where(finding => finding.Trouble is not null).Select(finding => finding.ToString())];
        return string.Join("; ", troubles.Prepend(report.IsWell ? "healthy" : "unhealthy"));
    }
}
