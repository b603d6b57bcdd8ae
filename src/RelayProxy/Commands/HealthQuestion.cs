using System.Net;
using RelayProxy.Configuration;
using RelayProxy.Listener;
using RelayProxy.Queue;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Commands;

/// <summary>Asks a relay that runs how it is, at its own door.</summary>
internal static class HealthQuestion
{
    /// <param name="needsSmarthost">A smarthost that takes no mail is ill health, whatever the settings say.</param>
    public static async Task<HealthReport> AskAsync(
        RelayOptions options, bool needsSmarthost, TimeSpan patience, TimeProvider clock, CancellationToken cancellationToken)
    {
        ListenerAnswer answer = await ListenerProbe.AskAsync(Endpoints(options.Listener), askHealth: true, patience, clock, cancellationToken);
        return new HealthReport(
        [
            new HealthFinding("listener", answer.Trouble),
            .. answer.Health is { } reply ? Read(reply, needsSmarthost || options.Telemetry.ReadyNeedsSmarthost) : FromOutside(options.Queue),
        ]);
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
