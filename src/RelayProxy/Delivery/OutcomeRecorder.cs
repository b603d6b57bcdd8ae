using RelayProxy.Delivery.Local;
using RelayProxy.Delivery.Reports;
using RelayProxy.Queue;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Delivery;

/// <summary>
/// Turns what an attempt came to into what is written down: how each recipient stands now, the history, the reports to the sender, and one
/// line in the log for each recipient. Nothing is stored here; see <see cref="Settler"/>.
/// </summary>
internal sealed class OutcomeRecorder(
    ReportOffice reports, Patience patience, OutcomeLog log, Func<DeliveryOptions> options, TimeProvider clock, Func<double> chance)
{
    /// <summary>The settlement. Whoever gets it disposes its reports if they are not committed.</summary>
    public async ValueTask<Settlement> RecordAsync(QueueLease lease, AttemptResult result, CancellationToken cancellationToken)
    {
        DateTimeOffset now = clock.GetUtcNow();
        RecipientResult[] judged = [.. result.Recipients.Select(recipient => GiveUpIfOver(lease, recipient, patience.NowFor(lease.Message.ReceivedAt)))];
        var prepared = new List<PreparedMessage>();

        // Of those who failed; it is done with the others.
        var told = new Dictionary<int, Told>();
        foreach (RecipientResult[] failed in ByAddressee(lease, judged.Where(recipient => recipient.Outcome.Disposition == Disposition.Bounced)))
        {
            Told one = await reports.FailedAsync(lease, Reported(failed, result, now), cancellationToken).ConfigureAwait(false);
            Keep(one, prepared);
            Array.ForEach(failed, recipient => told[recipient.Recipient.Ordinal] = one);
        }

        ReportAction success = result.Smarthost == LocalDelivery.Name ? ReportAction.Delivered : ReportAction.Relayed;
        RecipientResult[] relayed = [.. judged.Where(recipient => recipient is { Outcome.Disposition: Disposition.Delivered, DsnPassedOn: false }
            && ReportPolicy.Wants(recipient.Recipient.Recipient, success))];
        foreach (RecipientResult[] wanted in ByAddressee(lease, relayed))
        {
            Keep(await reports.SucceededAsync(lease, success, Reported(wanted, result, now), cancellationToken).ConfigureAwait(false), prepared);
        }

        var settlements = new List<RecipientSettlement>(judged.Length);
        var history = new List<HistoryEntry>(judged.Length);
        foreach (RecipientResult recipient in judged)
        {
            RecipientSettlement settlement = Settle(
                recipient, told.GetValueOrDefault(recipient.Recipient.Ordinal, new Told(Telling.Done)), now);
            settlements.Add(settlement);
            history.Add(History(lease, result, recipient, settlement, now));
            log.Write(lease.Message, result, recipient, settlement, now);
        }

        Trace(lease.Message, result, judged, now);
        return new Settlement { Lease = lease, Recipients = settlements, History = history, Reports = prepared };
    }

    private static void Trace(QueuedMessage message, AttemptResult attempt, RecipientResult[] judged, DateTimeOffset now)
    {
        if (RelayTraces.AreHeard && judged.Length > 0)
        {
            RecipientResult[] failed = Array.FindAll(judged, recipient => recipient.Outcome.Disposition != Disposition.Delivered);
            RelayTraces.Attempt(
                message.TraceParent,
                attempt.Began ?? now,
                now,
                message.Id.ToString(),
                attempt.Smarthost.Length > 0 ? attempt.Smarthost : OutcomeLog.Nobody,
                judged.Length,
                failed.Length,
                failed.Append(judged[0]).First().Outcome.Reply.Code,
                attempt.Tls);
        }
    }

    /// <summary>The owner of a list hears of its recipients, and of no others.</summary>
    private static IEnumerable<RecipientResult[]> ByAddressee(QueueLease lease, IEnumerable<RecipientResult> results) => results
        .GroupBy(result => ReturnPaths.Of(lease.Message.Envelope, result.Recipient.Recipient))
        .Select(group => group.ToArray());

    /// <summary>What waits past its time is over, once it was honestly tried (RFC 5321 §4.5.4.1).</summary>
    private RecipientResult GiveUpIfOver(QueueLease lease, RecipientResult result, DateTimeOffset now)
    {
        if (result.Outcome.Disposition != Disposition.Deferred || now < lease.Message.ExpiresAt || !patience.MayGiveUp)
        {
            return result;
        }

        // 4.4.7, as RFC 3463 §3.5 has it: the trouble was passing, only our patience has ended.
        string last = result.Outcome.Reply.ToString();
        string doubt = result.MayHaveBeenDelivered || result.Recipient.MayHaveBeenDelivered ? "; it may have arrived all the same" : "";
        var reply = new SmtpReply(450, 4, 7, $"Not delivered within {Span(now - lease.Message.ReceivedAt)}{doubt}. The last answer was: {last}");
        return result with { Outcome = result.Outcome with { Disposition = Disposition.Bounced, Reply = reply }, FromSmarthost = false };
    }

    private RecipientSettlement Settle(RecipientResult result, Told told, DateTimeOffset now)
    {
        QueuedRecipient before = result.Recipient;
        Outcome outcome = result.Outcome;
        int attempts = before.Attempts + (outcome.CountsAsAttempt || outcome.Disposition == Disposition.Delivered ? 1 : 0);
        string reply = outcome.Reply.ToString();
        bool inDoubt = before.MayHaveBeenDelivered || result.MayHaveBeenDelivered;
        return (outcome.Disposition, told.Telling) switch
        {
            (Disposition.Delivered, _) => new(before.Ordinal, RecipientState.Delivered, attempts, now, reply),
            (Disposition.Deferred, _) => Waiting(),
            (Disposition.Bounced, Telling.Done) => new(before.Ordinal, RecipientState.Bounced, attempts, now, reply, inDoubt),
            (Disposition.Bounced, Telling.Nobody) => new(before.Ordinal, RecipientState.Parked, attempts, now, $"{reply} ({told.Why})", inDoubt),
            (Disposition.Bounced, Telling.NotNow) => Waiting(),
            (Disposition.Parked, _) => new(before.Ordinal, RecipientState.Parked, attempts, now, reply, inDoubt),
        };

        // The smarthost's own trouble moves a message only to the back of the line: a message that always brings it about must not
        // always be the next one tried.
        RecipientSettlement Waiting()
        {
            DateTimeOffset next = RetrySchedule.Next(now, outcome.CountsAsAttempt ? attempts : 1, options(), chance());
            return new(before.Ordinal, RecipientState.Waiting, attempts, next, reply, inDoubt);
        }
    }

    private static HistoryEntry History(
        QueueLease lease, AttemptResult attempt, RecipientResult result, RecipientSettlement settlement, DateTimeOffset now) => new()
        {
            Id = lease.Message.Id,
            At = now,
            Sender = lease.Message.Envelope.Sender?.ToString() ?? "<>",
            Recipient = result.Recipient.Recipient.Address.ToString(),
            Smarthost = attempt.GivenUp ? "" : attempt.Smarthost,
            Stage = attempt.GivenUp ? "GivenUp" : result.Outcome.Stage.ToString(),
            Outcome = (result.MayHaveBeenDelivered, settlement.State) switch
            {
                (true, RecipientState.Waiting) => "in-doubt",
                (_, RecipientState.Waiting) => "deferred",
                (_, RecipientState.Held) => "held",
                (_, RecipientState.Parked) => "parked",
                (_, RecipientState.Delivered) => "delivered",
                (_, RecipientState.Bounced) => "bounced",
            },
            Reply = settlement.LastReply,
            Tls = attempt.Tls,
            Delay = now - lease.Message.ReceivedAt,
        };

    private static ReportedRecipient[] Reported(RecipientResult[] results, AttemptResult attempt, DateTimeOffset now) =>
        Array.ConvertAll(results, result => new ReportedRecipient(
            result.Recipient.Recipient,
            result.Outcome.Reply,
            result.FromSmarthost ? Host(attempt.Smarthost) : "",
            attempt.GivenUp ? null : now));

    private static void Keep(Told told, List<PreparedMessage> prepared)
    {
        if (told.Report is { } report)
        {
            prepared.Add(report);
        }
    }

    private static string Host(string smarthost) =>
        smarthost.LastIndexOf(':') is > 0 and int colon ? smarthost[..colon] : smarthost;

    private static string Span(TimeSpan span) => span.TotalHours < 48
        ? $"{Math.Round(span.TotalHours)} hours"
        : $"{Math.Round(span.TotalDays)} days";
}
