using System.CommandLine;
using System.Net;
using System.Text.Json;
using RelayProxy.Configuration;
using RelayProxy.Listener;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;
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
        Option<bool> json = CommonOptions.Json();
        var command = new Command("health", "Tell whether the relay answers, delivers, and can keep mail: exit 0 or 1.") { timeout, requireSmarthost, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RelayOptions options = context.ReadConfiguration(parsed.GetValue(CommonOptions.Config)).Options;
            ListenerAnswer answer = await ListenerProbe.AskAsync(
                Endpoints(options.Listener), askHealth: true, TimeSpan.FromSeconds(parsed.GetValue(timeout)), context.Clock, cancellationToken);
            bool needsSmarthost = parsed.GetValue(requireSmarthost) || options.Telemetry.ReadyNeedsSmarthost;
            HealthReport report = new(
            [
                new HealthFinding("listener", answer.Trouble),
                .. answer.Health is { } reply ? Read(reply, needsSmarthost) : FromOutside(options.Queue),
            ]);
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
        return new DescribedCommand(command, "relayproxy health                           HEALTHCHECK CMD [\"/relayproxy\", \"health\"]");
    }

    private static string InWords(HealthReport report)
    {
        string[] troubles = [.. report.Findings.Where(finding => finding.Trouble is not null).Select(finding => finding.ToString())];
        return string.Join("; ", troubles.Prepend(report.IsWell ? "healthy" : "unhealthy"));
    }

    /// <summary>Where to ask. What systemd has opened for the relay stands in a unit and not in the settings; the usual endpoints are tried then.</summary>
    private static IEnumerable<EndPoint> Endpoints(ListenerOptions options)
    {
        ListenerEndpoint[] endpoints =
        [
            .. ListenerEndpoint.Split(options.Endpoints)
                .Select(text => ListenerEndpoint.TryParse(text, out ListenerEndpoint? endpoint, out _) ? endpoint : null)
                .OfType<ListenerEndpoint>(),
        ];
        foreach (ListenerEndpoint endpoint in endpoints.All(endpoint => endpoint is InheritedListenerEndpoint) ? ListenerEndpoint.Defaults : endpoints)
        {
            switch (endpoint)
            {
                case IpListenerEndpoint { Address: { } address }:
                    yield return address;
                    break;
                case UnixListenerEndpoint { Path: { } path }:
                    yield return new System.Net.Sockets.UnixDomainSocketEndPoint(path);
                    break;
            }
        }
    }

    /// <summary>What the relay says of itself, a line for each of its parts.</summary>
    private static IEnumerable<HealthFinding> Read(SmtpReply reply, bool needsSmarthost)
    {
        foreach (string line in reply.Text.Split('\n'))
        {
            int colon = line.IndexOf(": ", StringComparison.Ordinal);
            if (colon > 0)
            {
                (string name, string said) = (line[..colon], line[(colon + 2)..]);
                yield return new HealthFinding(name, said == HealthFinding.Well ? null : said, Counts: name != "smarthost" || needsSmarthost);
            }
        }
    }

    /// <summary>Nobody answers, or not in words: what can be seen of the queue without asking.</summary>
    private static IEnumerable<HealthFinding> FromOutside(QueueOptions options)
    {
        string folder = QueueFolder.Resolve(options.Path);
        string? trouble;
        try
        {
            long free = Directory.Exists(folder) ? new DriveInfo(folder).AvailableFreeSpace : long.MaxValue;
            trouble = free < options.MinFreeOctets
                ? $"{folder} has {TerminalText.Size(free)} free, below Queue:MinFreeOctets ({TerminalText.Size(options.MinFreeOctets)})"
                : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            trouble = $"{folder}: {fault.Message}";
        }

        return [new HealthFinding("disk", trouble), .. Directory.Exists(folder) ? [] : new[] { new HealthFinding("queue", $"its folder {folder} does not exist") }];
    }
}
