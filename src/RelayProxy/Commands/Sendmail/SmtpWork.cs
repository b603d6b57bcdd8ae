using System.IO.Pipelines;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Configuration;
using RelayProxy.Intake;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Session;
using RelayProxy.Submission;
using RelayProxy.Submission.Handing;

namespace RelayProxy.Commands.Sendmail;

/// <summary>
/// <c>-bs</c>: SMTP on standard input and output, as programs speak it that start a server of their own for each message. It is the running
/// relay that answers them; where none runs, a session of this process, which puts mail into the queue.
/// </summary>
internal sealed class SmtpWork(string? file, Caller caller, CommandContext context)
{
    private const int PieceOctets = 16 * 1024;

    /// <returns>An <see cref="ExitCode"/>.</returns>
    public async Task<int> RunAsync()
    {
        await using var input = new SpokenLines(caller.Input);
        SubmissionDigest digest = RelayFacts.Find(file, caller, () => context);
        using RelaySocket? socket = RelaySocket.TryConnect(digest.Endpoints, out string trouble);
        if (socket is not null)
        {
            return PassOn(input, socket);
        }

        try
        {
            return await ConverseAsync(input);
        }
        catch (Exception fault) when (QueueSubmission.IsTrouble(fault))
        {
            // RFC 5321 §3.1: whoever cannot serve says so, and why is for the log and for people.
            caller.Answer("421 4.3.0 No mail can be taken just now\r\n"u8);
            throw QueueSubmission.Unavailable(trouble, fault);
        }
    }

    /// <summary>Octets go both ways until the relay has closed: it is the one that knows when all is said.</summary>
    private int PassOn(SpokenLines input, RelaySocket socket)
    {
        new Thread(() => PassIn(input, socket)) { IsBackground = true }.Start();
        byte[] octets = new byte[PieceOctets];
        try
        {
            while (caller.Answer(octets.AsSpan(0, socket.Read(octets, Timeout.Infinite))))
            {
            }
        }
        catch (RelayLostException)
        {
            // It has closed.
        }

        return ExitCode.Ok;
    }

    private static void PassIn(SpokenLines input, RelaySocket socket)
    {
        byte[] octets = new byte[PieceOctets];
        try
        {
            for (int read; (read = input.Read(octets)) > 0 && socket.Send(octets.AsSpan(0, read));)
            {
            }
        }
        catch (IOException)
        {
            // Whoever cannot be heard any more has left.
        }

        socket.EndSending();
    }

    private async Task<int> ConverseAsync(SpokenLines input)
    {
        RelayConfiguration configuration = context.ReadConfiguration(file);
        if (QueueSubmission.RefusalOf(caller, configuration.Options, context.Clock) is { } refusal)
        {
            caller.Answer(Encoding.ASCII.GetBytes($"{refusal}\r\n"));
            throw QueueSubmission.Refused(refusal);
        }

        await using IQueueStore store = await QueueSubmission.OpenQueueAsync(configuration, context);
        IntakeDesk desk = Relay.IntakeOf(store, configuration.Options, context.Clock);
        await using Stream output = context.OpenOutputStream();
        var session = new SmtpSession(
            new Streams(PipeReader.Create(input), PipeWriter.Create(output)),
            new SessionPeer("", caller.UserId, caller.UserName),
            configuration.Options.Session,
            desk,
            new OctetsInFlight(),
            new MessageRates(context.Clock),
            context.Clock,
            NullLogger.Instance);
        await session.RunAsync(CancellationToken.None);
        return ExitCode.Ok;
    }

    private sealed record Streams(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
