using RelayProxy.Mail;
using RelayProxy.Submission;
using RelayProxy.Submission.Flags;
using RelayProxy.Submission.Handing;
using RelayProxy.Submission.Text;

namespace RelayProxy.Commands.Sendmail;

/// <summary>
/// Takes a message and hands it to the relay that runs; or, where none does, puts it into the queue. The end of it is 0 if, and only if, the
/// message is safe in the queue.
/// </summary>
internal sealed class MessageWork(SendmailRequest request, Caller caller, Func<CommandContext> context)
{
    /// <returns>An <see cref="ExitCode"/>.</returns>
    /// <exception cref="SubmissionException">It cannot be taken.</exception>
    public int Run()
    {
        SubmissionDigest digest = RelayFacts.Find(request.ConfigurationFile, caller, context);
        List<Mailbox> recipients = AddressArguments.Read(request.Words);
        if (recipients.Count == 0 && !request.HeaderRecipients)
        {
            throw new SubmissionException(ExitCode.NoInput, "nobody to send it to: name recipients, or say -t to have To, Cc and Bcc read");
        }

        var sender = SubmissionSender.Of(request, caller, digest);
        using SubmittedText text = SubmittedText.Read(caller.Input, sender.Read(request, digest));
        var message = new SubmittedMessage
        {
            Text = text,
            Sender = sender.Address,
            Recipients = Together(recipients, text.HeaderRecipients),
            Notify = request.Notify,
            Return = request.Return,
            EnvelopeId = request.EnvelopeId,
        };
        if (message.Recipients.Count == 0)
        {
            throw new SubmissionException(ExitCode.NoInput, "nobody to send it to: the message has no To, Cc or Bcc that names anybody");
        }

        var relay = new RelayHandOver(digest.Endpoints, Complain, request.IsVerbose ? caller.Say : null);
        relay.Send(message);
        return relay.Left.Count == 0 ? relay.Result : WithoutRelay(message, relay);
    }

    private int WithoutRelay(SubmittedMessage message, RelayHandOver relay)
    {
        if (relay.MayHaveBeenTaken)
        {
            throw new SubmissionException(ExitCode.Temporary, $"{relay.Why}; the message may be in its queue already");
        }

        return QueueSubmission.PutAsync(message, relay, caller, context(), request.ConfigurationFile, Complain).GetAwaiter().GetResult();
    }

    private void Complain(string line) => caller.Complain($"sendmail: {line}");

    /// <summary>Nobody twice.</summary>
    private static List<Mailbox> Together(List<Mailbox> named, IReadOnlyList<Mailbox> inHeader)
    {
        if (named.Count + inHeader.Count < 2)
        {
            return named.Count > 0 ? named : new List<Mailbox>(inHeader);
        }

        var seen = new HashSet<Mailbox>();
        named.RemoveAll(mailbox => !seen.Add(mailbox));
        foreach (Mailbox mailbox in inHeader)
        {
            if (seen.Add(mailbox))
            {
                named.Add(mailbox);
            }
        }

        return named;
    }
}
