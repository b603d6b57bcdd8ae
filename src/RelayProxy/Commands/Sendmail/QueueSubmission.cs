using System.Buffers;
using RelayProxy.Configuration;
using RelayProxy.Intake;
using RelayProxy.Listener;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;
using RelayProxy.Submission;
using RelayProxy.Submission.Handing;

namespace RelayProxy.Commands.Sendmail;

/// <summary>Puts a message straight into the queue, where no relay runs and the caller may do so. The relay finds it there when it starts.</summary>
internal static class QueueSubmission
{
    /// <param name="relay">What it could not be handed to.</param>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    /// <exception cref="SubmissionException">The queue cannot be had.</exception>
    public static async Task<int> PutAsync(
        SubmittedMessage message, RelayHandOver relay, Caller caller, CommandContext context, string? file, Action<string> complain)
    {
        try
        {
            RelayConfiguration configuration = context.ReadConfiguration(file);
            if (RefusalOf(caller, configuration.Options, context.Clock) is { } refusal)
            {
                throw Refused(refusal);
            }

            await using IQueueStore store = await OpenQueueAsync(configuration, context);
            IntakeDesk desk = Relay.IntakeOf(store, configuration.Options, context.Clock);
            return await PutAsync(message, relay, caller, desk, complain);
        }
        catch (Exception fault) when (IsTrouble(fault))
        {
            throw Unavailable(relay.Why, fault);
        }
    }

    /// <summary>The queue of this machine's relay, and no user's own.</summary>
    public static Task<IQueueStore> OpenQueueAsync(RelayConfiguration configuration, CommandContext context)
    {
        QueueOptions queue = NameSettings.Require(configuration).Queue;
        queue.Path = QueueFolder.OfTheMachine(queue.Path);
        return context.OpenQueueAsync(configuration, StoreAccess.Submitter, CancellationToken.None);
    }

    /// <summary>Why the caller may not send mail, by the lists that hold at the relay's door too; <c>null</c> if he may.</summary>
    public static SmtpReply? RefusalOf(Caller caller, RelayOptions options, TimeProvider clock) =>
        new UserPolicy(() => options.Listener, clock, relay: null).RefusalOf(caller.UserId, static () => true);

    public static SubmissionException Refused(SmtpReply refusal) => new(ExitCodeOf(refusal), refusal.ToString());

    /// <summary>The queue cannot be had: somebody must mend something, or the caller may not write it.</summary>
    public static bool IsTrouble(Exception fault) =>
        fault is QueueUnavailableException or ConfigurationException or UnauthorizedAccessException or IOException;

    /// <param name="why">Why the relay cannot be had either.</param>
    public static SubmissionException Unavailable(string why, Exception fault) =>
        new(ExitCode.Temporary, $"{why}, and the queue cannot be written: {fault.Message}", fault);

    private static async Task<int> PutAsync(SubmittedMessage message, RelayHandOver relay, Caller caller, IntakeDesk desk, Action<string> complain)
    {
        var origin = new MessageOrigin { Protocol = "local", UserId = caller.UserId, UserName = caller.UserName };
        var envelope = new Envelope { Sender = message.Sender, Return = message.Return, EnvelopeId = message.EnvelopeId.Length > 0 ? Xtext.Encode(message.EnvelopeId) : null };
        await using IntakeTransaction transaction = desk.Begin(origin, envelope);
        int result = relay.Result;
        foreach (Mailbox recipient in relay.Left)
        {
            if (transaction.AddRecipient(new Recipient(recipient) { Notify = message.Notify }) is { } refusal)
            {
                Refuse(refusal, $"<{recipient}>: ");
            }
        }

        if (transaction.AcceptedRecipients == 0)
        {
            return result;
        }

        message.Text.WriteTo(octets =>
        {
            transaction.Write(octets);
            transaction.DrainAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        });
        SmtpReply reply = await transaction.CommitAsync(CancellationToken.None);
        if (!reply.IsSuccess)
        {
            Refuse(reply, "");
        }

        return result;

        void Refuse(SmtpReply refusal, string whom)
        {
            complain(whom + refusal);
            result = result == ExitCode.Ok ? ExitCodeOf(refusal) : result;
        }
    }

    private static int ExitCodeOf(SmtpReply reply) => new RelayReply(reply.Code, reply.EnhancedCode).ExitCode;
}
