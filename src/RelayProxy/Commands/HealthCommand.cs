using System.CommandLine;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RelayProxy.Configuration;
using RelayProxy.Listener;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;

namespace RelayProxy.Commands;

/// <summary>
/// <c>health</c>: 0 if the relay answers and can keep mail, 1 if not: for container probes, where there is no shell. A banner
/// alone proves little, so the dialogue goes through the real handler. A smarthost that is away is not ill health: a restart
/// would not bring it back, and mail can still be taken.
/// </summary>
internal static class HealthCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var timeout = new Option<int>("--timeout")
        {
            Description = "Seconds to wait for the listener.",
            HelpName = "SECONDS",
            DefaultValueFactory = _ => 5,
        };
        Option<bool> json = CommonOptions.Json();
        var command = new Command("health", "Tell whether the relay answers and can keep mail: exit 0 or 1.") { timeout, json };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            RelayOptions options = context.ReadConfiguration(parsed.GetValue(CommonOptions.Config)).Options;
            string? listener = await ListenerTroubleAsync(options.Listener, TimeSpan.FromSeconds(parsed.GetValue(timeout)), context.Clock, cancellationToken);
            string? queue = QueueTrouble(options.Queue);
            bool healthy = listener is null && queue is null;
            if (parsed.GetValue(json))
            {
                context.Output.WriteLine(JsonSerializer.Serialize(
                    new HealthFacts(healthy, listener ?? "ok", queue ?? "ok"), CommandJson.Plain.HealthFacts));
            }
            else
            {
                context.Say(healthy ? "healthy" : $"unhealthy: {string.Join("; ", new[] { listener, queue }.OfType<string>())}");
            }

            return healthy ? ExitCode.Ok : ExitCode.No;
        });
        return new DescribedCommand(command, "relayproxy health                           HEALTHCHECK CMD [\"/relayproxy\", \"health\"]");
    }

    /// <summary>All configured endpoints are bound, or the relay does not start; so one that answers is enough. Of the default ones
    /// one may be missing, so each is tried.</summary>
    private static async Task<string?> ListenerTroubleAsync(
        ListenerOptions options, TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        EndPoint[] endpoints = [.. Endpoints(options)];
        string trouble = "no endpoint that could be asked: only descriptors of systemd are configured";
        using var deadline = new Deadline(clock, cancellationToken);
        deadline.Start(timeout);
        foreach (EndPoint endpoint in endpoints)
        {
            try
            {
                await TalkAsync(endpoint, deadline.Token);
                return null;
            }
            catch (Exception fault) when (fault is SocketException or IOException or ReplyFormatException || (fault is OperationCanceledException && deadline.Passed))
            {
                trouble = $"{endpoint} {(deadline.Passed ? $"does not answer within {timeout.TotalSeconds:0} s" : fault.Message)}";
            }
        }

        return trouble;
    }

    private static IEnumerable<EndPoint> Endpoints(ListenerOptions options)
    {
        IEnumerable<ListenerEndpoint> endpoints = options.Endpoints.Count == 0
            ? ListenerEndpoint.Defaults
            : ListenerEndpoint.Split(options.Endpoints)
                .Select(text => ListenerEndpoint.TryParse(text, out ListenerEndpoint? endpoint, out _) ? endpoint : null)
                .OfType<ListenerEndpoint>();
        foreach (ListenerEndpoint endpoint in endpoints)
        {
            switch (endpoint)
            {
                // Who listens everywhere listens on loopback too.
                case IpListenerEndpoint { Address: { } address }:
                    yield return address.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, address.Port)
                        : address.Address.Equals(IPAddress.IPv6Any) ? new IPEndPoint(IPAddress.IPv6Loopback, address.Port)
                        : address;
                    break;
                case UnixListenerEndpoint { Path: { } path }:
                    yield return new UnixDomainSocketEndPoint(path);
                    break;
            }
        }
    }

    private static async Task TalkAsync(EndPoint endpoint, CancellationToken cancellationToken)
    {
        using var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, endpoint is IPEndPoint ? ProtocolType.Tcp : ProtocolType.Unspecified);
        await socket.ConnectAsync(endpoint, cancellationToken);
        await using var stream = new NetworkStream(socket);
        var replies = new ReplyReader(PipeReader.Create(stream));
        await ExpectAsync("the greeting", 220);
        foreach ((string command, int code) in new[] { ("EHLO localhost", 250), ("NOOP", 250), ("QUIT", 221) })
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"{command}\r\n"), cancellationToken);
            await ExpectAsync(command, code);
        }

        async Task ExpectAsync(string what, int code)
        {
            SmtpReply reply = await replies.ReadAsync(cancellationToken);
            if (reply.Code != code)
            {
                throw new IOException($"answers {what} with {reply}");
            }
        }
    }

    private static string? QueueTrouble(QueueOptions options)
    {
        string folder = QueueFolder.Resolve(options.Path);
        try
        {
            if (!Directory.Exists(folder))
            {
                return $"the queue's folder {folder} does not exist";
            }

            long free = new DriveInfo(folder).AvailableFreeSpace;
            return free < options.MinFreeOctets
                ? $"{folder} has {TerminalText.Size(free)} free, below Queue:MinFreeOctets ({TerminalText.Size(options.MinFreeOctets)})"
                : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return $"{folder}: {fault.Message}";
        }
    }
}
