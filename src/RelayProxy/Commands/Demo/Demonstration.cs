using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Threading.Channels;
using RelayProxy.Configuration;
using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Commands.Demo;

/// <summary>
/// The whole way of one message on one screen. A stand-in smarthost and the relay in front of it start on free loopback ports, a small client sends
/// a message, and both halves of the dialogue and the message as it arrived are shown. Nothing needs to be set, no right is needed, and nothing is
/// left behind.
/// </summary>
/// <param name="arguments">Settings on top of the demonstration's own: <c>--Listener:Endpoints=127.0.0.1:2525</c>. Of the machine's own settings none is
/// read: a demonstration must not send mail to a real smarthost.</param>
internal sealed class Demonstration(DemoScreen screen, TimeProvider clock, IReadOnlyList<string> arguments)
{
    private const string Sender = "demo@example.org";
    private const string Recipient = "you@example.net";

    private const int MaxShownOctets = 16 * 1024;
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    /// <summary>Without Date and Message-ID, so that it can be seen how the relay mends that.</summary>
    private const string Message =
        $"From: RelayProxy demo <{Sender}>\r\n"
        + $"To: {Recipient}\r\n"
        + "Subject: From loopback to a smarthost\r\n"
        + "\r\n"
        + "A program on this machine handed this message over without a password.\r\n"
        + "The relay said 250 when it was safe on disk, and sent it on over TLS,\r\n"
        + "with a login that the program knows nothing about.\r\n";

    private readonly Channel<DemoArrival> _arrivals = Channel.CreateBounded<DemoArrival>(new BoundedChannelOptions(100)
    {
        FullMode = BoundedChannelFullMode.DropOldest, // somebody floods the demonstration: what is on the screen is a sample
    });

    /// <param name="once">End after the first message, instead of waiting for more until <paramref name="cancellationToken"/> is cancelled.</param>
    /// <returns>An <see cref="ExitCode"/>: 0 if the message arrived.</returns>
    /// <exception cref="ConfigurationException">The settings on top do not fit.</exception>
    public async Task<int> RunAsync(bool once, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("relayproxy-demo-");
        try
        {
            return await RunInAsync(folder.FullName, once, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            screen.Line("Interrupted.");
            return once ? ExitCode.Software : ExitCode.Ok;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private async Task<int> RunInAsync(string folder, bool once, CancellationToken cancellationToken)
    {
        using var log = new DemoLog();
        var login = new DemoLogin("demo", Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(12)));
        await using var smarthost = new DemoSmarthost(
            new DemoSmarthostOptions { Login = login, KeepDialogue = true, MaxKeptOctets = MaxShownOctets }, clock, arrival => _arrivals.Writer.TryWrite(arrival));
        smarthost.Start();
        string caFile = Path.Combine(folder, "ca.pem");
        await File.WriteAllTextAsync(caFile, smarthost.AuthorityPem, cancellationToken);

        RelayOptions options = Options(folder, caFile, smarthost.EndPoint.Port, login);
        await using var relay = new Relay(() => options, clock, log);
        await relay.StartAsync(cancellationToken);
        IPEndPoint endPoint = relay.Endpoints.OfType<IPEndPoint>().First();

        screen.Line($"The relay listens on {endPoint}; a stand-in smarthost with TLS and a login on localhost:{smarthost.EndPoint.Port}.");
        bool arrived = await ShowOneAsync(endPoint, log, cancellationToken);
        if (arrived && !once)
        {
            await ShowMoreAsync(endPoint, cancellationToken);
        }

        // What the relay logs about its own end is no part of the story.
        log.ShowWith(static _ => { });
        await relay.StopAsync(s_grace);
        return arrived ? ExitCode.Ok : ExitCode.Software;
    }

    /// <summary>One message through both halves.</summary>
    private async Task<bool> ShowOneAsync(IPEndPoint endPoint, DemoLog log, CancellationToken cancellationToken)
    {
        var client = new DemoClient();
        screen.Heading("1. A program hands a message to the relay: plain SMTP on loopback");
        SmtpReply reply = await SendAsync(client, endPoint, cancellationToken);
        screen.Dialogue(client.Dialogue);
        DemoArrival? arrival = reply.IsSuccess ? await ArrivalAsync(log, cancellationToken) : null;
        if (arrival is null)
        {
            screen.Heading(reply.IsSuccess ? "The message did not arrive. The relay's log:" : $"The relay did not take the message ({reply}). Its log:");
            log.ShowWith(screen.LogLine);
            return false;
        }

        screen.Heading("2. The relay hands it to the smarthost: inside TLS, certificate verified, logged in");
        screen.Dialogue(arrival.Dialogue);
        screen.Message("3. The message as it arrived", arrival);
        screen.Heading("4. What the relay wrote in its log");
        log.ShowWith(screen.LogLine);
        return true;
    }

    /// <summary>Whatever else is sent, until somebody presses Ctrl-C.</summary>
    private async Task ShowMoreAsync(IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        string port = endPoint.Port.ToString(CultureInfo.InvariantCulture);
        screen.Heading("Send more, from another terminal. Ctrl-C ends the demonstration.");
        screen.Line($"  swaks --server 127.0.0.1:{port} --from {Sender} --to {Recipient}");
        screen.Line($"  python3 -c \"import smtplib; smtplib.SMTP('127.0.0.1', {port}).sendmail('{Sender}', '{Recipient}', 'Subject: Hello\\n\\nFrom Python.\\n')\"");
        screen.Line($"  printf 'Subject: Hello\\n\\nFrom curl.\\n' | curl -s --crlf smtp://127.0.0.1:{port} --mail-from {Sender} --mail-rcpt {Recipient} -T -");
        screen.Line();
        try
        {
            await foreach (DemoArrival arrival in _arrivals.Reader.ReadAllAsync(cancellationToken))
            {
                screen.Message($"Arrived: from <{arrival.Sender}> to <{string.Join(">, <", arrival.Recipients)}>", arrival);
            }
        }
        catch (OperationCanceledException)
        {
            screen.Line();
        }
    }

    private static async Task<SmtpReply> SendAsync(DemoClient client, IPEndPoint endPoint, CancellationToken cancellationToken)
    {
        try
        {
            return await client.SendAsync(endPoint, Sender, Recipient, Message, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException or ReplyFormatException)
        {
            return new SmtpReply(421, 4, 2, e.Message);
        }
    }

    /// <summary>Waits for the line with which the relay's log ends the story of the message, and for the message if that line is good news.</summary>
    private async Task<DemoArrival?> ArrivalAsync(DemoLog log, CancellationToken cancellationToken)
    {
        using var deadline = new Deadline(clock, cancellationToken);
        deadline.Start(s_patience);
        try
        {
            string outcome = await log.WaitForAsync(" status=", deadline.Token);
            return outcome.Contains(" status=delivered", StringComparison.Ordinal) ? await _arrivals.Reader.ReadAsync(deadline.Token) : null;
        }
        catch (OperationCanceledException) when (deadline.Passed)
        {
            return null;
        }
    }

    private RelayOptions Options(string folder, string caFile, int smarthostPort, DemoLogin login) =>
        RelayConfiguration.Read(new ConfigurationInputs
        {
            Root = folder,
            WorkingFolder = folder,
            Arguments =
            [
                "--Listener:Endpoints=127.0.0.1:0", $"--Queue:Path={folder}/queue", "--Queue:MinFreeOctets=0",
                "--Smarthost:Host=localhost", $"--Smarthost:Port={smarthostPort}", $"--Smarthost:CaFile={caFile}",
                $"--Smarthost:Username={login.Username}", $"--Smarthost:Password={login.Password}",
                .. arguments,
            ],
        }).RequireGood().Options;
}
