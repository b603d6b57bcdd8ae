using RelayProxy.Queue;
using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery;

/// <summary>
/// One attempt at one message: as many transactions as its recipients need, on one connection if it lasts. Says what came of it; what to do
/// about it is others' business.
/// </summary>
internal sealed class DeliveryAttempt(SmarthostPool pool, Func<SmarthostOptions> smarthost, Func<DeliveryOptions> options, TimeProvider clock)
{
    private volatile int _learntRecipients = int.MaxValue;
    private RulesRead? _rules;

    /// <param name="next">Where the message after this one comes from.</param>
    /// <param name="met">Called when a session is up.</param>
    /// <param name="cancellationToken">Tears the connection away. What was under way is then in doubt.</param>
    public async Task<AttemptResult> RunAsync(QueueLease lease, NextMail next, Action met, CancellationToken cancellationToken)
    {
        DateTimeOffset began = clock.GetUtcNow();
        var results = new List<RecipientResult>(lease.Due.Count);
        List<QueuedRecipient> left = ByReturnPath(lease.Due);
        string name = SmarthostHost.Label(smarthost());
        string tls = "";
        bool stale = false;
        while (left.Count > 0)
        {
            SmarthostConnection? connection;
            SessionFailure? failure = null;
            OutgoingMessage? message = null;
            try
            {
                if (next.TryUse(lease, out var announced))
                {
                    (connection, message) = announced;
                }
                else
                {
                    (connection, failure) = stale
                        ? await pool.AcquireFreshAsync(cancellationToken).ConfigureAwait(false)
                        : await pool.AcquireAsync(cancellationToken).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException)
            {
                break;
            }

            if (connection is null)
            {
                var outcome = new Outcome(Disposition.Deferred, FailureScope.Smarthost, failure!.Stage, failure.Reply);
                results.AddRange(left.Select(recipient => new RecipientResult(recipient, outcome, failure.FromSmarthost)));
                return new AttemptResult { Smarthost = name, Began = began, Tls = tls, Recipients = results, Failure = failure };
            }

            met();
            (name, tls) = (connection.Smarthost, connection.TlsVersion);
            int count = message?.Recipients.Count ?? OfOneTransaction(left);
            List<QueuedRecipient> recipients = left.GetRange(0, count);
            Transaction transaction = await SendAsync(
                connection, message ?? Message(lease, recipients), recipients, count == left.Count ? next : null, cancellationToken).ConfigureAwait(false);
            if (transaction.SaysNothing)
            {
                // A connection that had gone stale, which tells nothing about smarthost or message: at once on a fresh one, not counted.
                stale = true;
                continue;
            }

            stale = false;
            left.RemoveRange(0, count);
            List<QueuedRecipient> full = Refused(transaction, results);
            if (transaction.Stops)
            {
                break;
            }

            left.AddRange(full);
            if (left.Count > 0)
            {
                // What was announced behind this one was announced too early. It keeps no connection from this one, which may have no other.
                await next.BreakOffAsync().ConfigureAwait(false);
            }
        }

        return new AttemptResult { Smarthost = name, Began = began, Tls = tls, Recipients = results };
    }

    /// <summary>One transaction has one sender, and the owner of a list is the sender of what goes to the list.</summary>
    private static List<QueuedRecipient> ByReturnPath(IReadOnlyList<QueuedRecipient> due) =>
        due.All(recipient => recipient.Recipient.ReturnPath is null)
            ? [.. due]
            : [.. due.GroupBy(recipient => recipient.Recipient.ReturnPath).SelectMany(group => group)];

    private int OfOneTransaction(List<QueuedRecipient> left)
    {
        int most = Math.Min(left.Count, RecipientsPerTransaction());
        int other = left.FindIndex(0, most, recipient => !Equals(recipient.Recipient.ReturnPath, left[0].Recipient.ReturnPath));
        return other < 0 ? most : other;
    }

    /// <summary>Adds what is settled to <paramref name="results"/>, and returns the recipients for whom the transaction had no room.</summary>
    private List<QueuedRecipient> Refused(Transaction transaction, List<RecipientResult> results)
    {
        int accepted = transaction.Results.Count(result => result.Outcome.Disposition == Disposition.Delivered);
        var full = new List<QueuedRecipient>();
        foreach (RecipientResult result in transaction.Results)
        {
            // Only if the others got through: a smarthost that takes none at all would be asked for ever (RFC 5321 §4.5.3.1.10).
            if (result.Outcome.Remedy == Remedy.NextTransaction && accepted > 0 && !transaction.Stops)
            {
                full.Add(result.Recipient);
            }
            else
            {
                results.Add(result);
            }
        }

        if (full.Count > 0)
        {
            _learntRecipients = accepted;
        }

        return full;
    }

    /// <summary>The next message, as far as it goes into one transaction.</summary>
    private OutgoingMessage? Prepare(SmarthostConnection connection, NextMail next)
    {
        if (!pool.IsCurrent(connection) || next.Take() is not { } lease)
        {
            return null;
        }

        List<QueuedRecipient> due = ByReturnPath(lease.Due);
        return next.Prepare(Message(lease, due.GetRange(0, OfOneTransaction(due))));
    }

    private static OutgoingMessage Message(QueueLease lease, List<QueuedRecipient> recipients) => new()
    {
        Id = lease.Message.Id,
        Envelope = ReturnPaths.EnvelopeFor(lease.Message.Envelope, recipients[0].Recipient),
        Traits = lease.Message.Traits,
        Recipients = recipients.ConvertAll(recipient => recipient.Recipient),
        Content = lease.Content,
    };

    /// <param name="next">Where the message behind this one comes from; <c>null</c> while more of this one is to be sent.</param>
    private async Task<Transaction> SendAsync(
        SmarthostConnection connection,
        OutgoingMessage message,
        List<QueuedRecipient> recipients,
        NextMail? next,
        CancellationToken cancellationToken)
    {
        bool wasReused = connection.IsReused;
        TransactionResult result;
        try
        {
            result = await connection.SendAsync(
                message, cancellationToken, next is null ? null : () => Prepare(connection, next)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            return Ours(recipients, DeliveryStage.EndOfData, Disposition.Deferred, new SmtpReply(421, 3, 2, "The relay was stopped"), inDoubt: true);
        }
        catch (InvalidDataException damage)
        {
            // Not what was accepted: nobody gets it, and it is not thrown away either.
            await connection.DisposeAsync().ConfigureAwait(false);
            return Ours(recipients, DeliveryStage.Body, Disposition.Parked, new SmtpReply(554, 3, 0, $"Not sent: {damage.Message}"));
        }
        catch (IOException fault)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            return Ours(recipients, DeliveryStage.Body, Disposition.Deferred, new SmtpReply(451, 3, 0, $"Cannot be read from the queue: {fault.Message}"));
        }

        if (connection.HasAnnounced)
        {
            next!.Keep(connection);
        }
        else
        {
            await pool.ReleaseAsync(connection).ConfigureAwait(false);
        }

        return Judge(recipients, result, wasReused);
    }

    private Transaction Judge(List<QueuedRecipient> recipients, TransactionResult transaction, bool wasReused)
    {
        if (wasReused && transaction.ConnectionLost && transaction.Verdicts.All(IsBeforeContent))
        {
            return new Transaction([], SaysNothing: true, Stops: false);
        }

        ReplyRules rules = Rules();
        var results = new List<RecipientResult>(recipients.Count);
        bool stops = transaction.ConnectionLost;
        for (int i = 0; i < recipients.Count; i++)
        {
            RecipientVerdict verdict = transaction.Verdicts[i];
            Outcome outcome = ReplyVerdict.Of(verdict, rules);
            stops |= outcome.Scope == FailureScope.Smarthost;
            results.Add(new RecipientResult(recipients[i], outcome, verdict.FromSmarthost, verdict.MayHaveBeenDelivered, transaction.DsnPassedOn));
        }

        return new Transaction(results, SaysNothing: false, stops);
    }

    private static bool IsBeforeContent(RecipientVerdict verdict) => verdict.Stage <= DeliveryStage.Data && !verdict.MayHaveBeenDelivered;

    private static Transaction Ours(
        List<QueuedRecipient> recipients, DeliveryStage stage, Disposition disposition, SmtpReply reply, bool inDoubt = false)
    {
        var outcome = new Outcome(disposition, FailureScope.Message, stage, reply);
        return new Transaction(
            recipients.ConvertAll(recipient => new RecipientResult(recipient, outcome, FromSmarthost: false, inDoubt)), SaysNothing: false, Stops: true);
    }

    private int RecipientsPerTransaction()
    {
        SmarthostOptions settings = smarthost();
        return settings.IsUnlimited ? _learntRecipients : Math.Max(1, Math.Min(settings.MaxRecipientsPerTransaction, _learntRecipients));
    }

    // Settings come as a new list at each reload; the rules are read once for each.
    private ReplyRules Rules()
    {
        IList<string> own = options().ReplyRules;
        RulesRead? read = _rules;
        if (read is null || !ReferenceEquals(read.Lines, own))
        {
            _rules = read = new RulesRead(own, ReplyRules.With(own));
        }

        return read.Rules;
    }

    private sealed record RulesRead(IList<string> Lines, ReplyRules Rules);

    /// <param name="SaysNothing">A stale connection; send again.</param>
    /// <param name="Stops">What is left is not to be tried now.</param>
    private readonly record struct Transaction(List<RecipientResult> Results, bool SaysNothing, bool Stops);
}
