using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using RelayProxy.Mail;

namespace RelayProxy.Commands.Demo;

/// <summary>
/// <c>demo-smarthost</c>: the stand-in smarthost by itself, for the container set-up and for measuring. Says where it listens, writes its authority's
/// certificate where the relay can read it, and tells one line for each message until it is ended. Not in the help: nobody's mail goes there.
/// </summary>
internal static class DemoSmarthostCommand
{
    public static DescribedCommand Create(CommandContext context)
    {
        var address = new Option<string>("--address") { Description = "Where to listen.", HelpName = "ADDRESS", DefaultValueFactory = _ => "127.0.0.1" };
        var port = new Option<int>("--port") { Description = "The port; 0 for a free one.", HelpName = "PORT" };
        var hostNames = new Option<string[]>("--host-name") { Description = "A name the certificate is for, beside localhost.", HelpName = "NAME", DefaultValueFactory = _ => [] };
        var authorityFile = new Option<string>("--authority-file") { Description = "Gets the certificate for Smarthost:CaFile.", HelpName = "FILE", DefaultValueFactory = _ => "" };
        var username = new Option<string>("--username") { Description = "Who may log in; without it, anyone.", HelpName = "NAME", DefaultValueFactory = _ => "" };
        var password = new Option<string>("--password") { Description = "With what.", HelpName = "PASSWORD", DefaultValueFactory = _ => "" };
        var latency = new Option<int>("--latency") { Description = "Milliseconds to hold back each group of replies.", HelpName = "MS" };
        var quiet = new Option<bool>("--quiet") { Description = "Tell the total at the end and nothing on the way." };
        var every = new Option<int>("--tell-every") { Description = "Tell the total, and the time, after each so many messages, and nothing else on the way.", HelpName = "MESSAGES" };
        var command = new Command("demo-smarthost", "A stand-in smarthost: TLS, a login, and mail that goes no further.")
        {
            address, port, hostNames, authorityFile, username, password, latency, quiet, every,
        };
        command.Hidden = true;
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (!IPAddress.TryParse(parsed.GetValue(address), out IPAddress? listenAt))
            {
                context.Complain("relayproxy: --address has to be an IP address");
                return ExitCode.Usage;
            }

            var options = new DemoSmarthostOptions
            {
                EndPoint = new IPEndPoint(listenAt, parsed.GetValue(port)),
                HostNames = parsed.GetValue(hostNames) ?? [],
                Login = parsed.GetValue(username) is { Length: > 0 } name ? new DemoLogin(name, parsed.GetValue(password) ?? "") : null,
                Latency = TimeSpan.FromMilliseconds(parsed.GetValue(latency)),
            };
            using var interruption = new Interruption(cancellationToken);
            var screen = new DemoScreen(context.Output, colour: false);
            return await RunAsync(
                options, parsed.GetValue(authorityFile) ?? "", Teller(parsed.GetValue(quiet), parsed.GetValue(every), screen, context.Clock), screen, context.Clock, interruption.Token);
        });
        return new DescribedCommand(command);
    }

    /// <param name="authorityFile">Gets the authority's certificate, for <c>Smarthost:CaFile</c>; empty for nowhere.</param>
    /// <param name="tell">Tells of a message, or keeps silent; see <see cref="Teller"/>.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(
        DemoSmarthostOptions options, string authorityFile, Action<DemoArrival> tell, DemoScreen screen, TimeProvider clock, CancellationToken cancellationToken)
    {
        await using var smarthost = new DemoSmarthost(options, clock, tell);
        try
        {
            smarthost.Start();
        }
        catch (SocketException fault)
        {
            screen.Line($"Cannot listen on {options.EndPoint}: {fault.Message}");
            return ExitCode.Unavailable;
        }

        if (authorityFile.Length > 0)
        {
            // Under its name only when it is whole: the relay may be waiting for it.
            await File.WriteAllTextAsync(authorityFile + ".new", smarthost.AuthorityPem, CancellationToken.None);
            File.Move(authorityFile + ".new", authorityFile, overwrite: true);
        }

        screen.Line($"The stand-in smarthost is ready on {smarthost.EndPoint}, TLS from the first octet, {options.Login?.Username ?? "any user"} may log in.");
        var ended = new TaskCompletionSource();
        using (cancellationToken.Register(ended.SetResult))
        {
            await ended.Task;
        }

        screen.Line(string.Create(CultureInfo.InvariantCulture, $"{smarthost.Messages:N0} messages, {smarthost.Octets:N0} octets."));
        return ExitCode.Ok;
    }

    /// <summary>What is said on the way.</summary>
    /// <param name="quiet">Nothing.</param>
    /// <param name="every">If not 0, nothing but the total after each so many messages: <c>200 messages at 2026-11-22T06:30:12.1234567+00:00</c>. A line for
    /// each would cost more than the message does.</param>
    public static Action<DemoArrival> Teller(bool quiet, int every, DemoScreen screen, TimeProvider clock) => (quiet, every) switch
    {
        (true, _) => static _ => { },
        (false, 0) => arrival => screen.LogLine(string.Create(
            CultureInfo.InvariantCulture,
            $"demo-{arrival.Number}: from <{arrival.Sender}> to <{string.Join(">, <", arrival.Recipients)}>, {arrival.Octets:N0} octets")),
        _ => arrival =>
        {
            if (arrival.Number % every == 0)
            {
                screen.Line(string.Create(CultureInfo.InvariantCulture, $"{arrival.Number} messages at {clock.GetUtcNow():O}"));
            }
        },
    };
}
