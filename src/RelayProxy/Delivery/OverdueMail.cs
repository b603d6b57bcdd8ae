using RelayProxy.Delivery.Local;
using RelayProxy.Delivery.Reports;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery;

/// <summary>
/// Mail that has waited so long that something is due whatever the smarthost does: the sender hears that it is late, once; at the end it is
/// given up. While the smarthost answers, what is past its time gets a last attempt first.
/// </summary>
internal sealed class OverdueMail(
    IQueueStore store, MailSource source, LocalRuns local, MailInHand inHand, SmarthostHealth health, OutcomeRecorder recorder, ReportOffice reports,
    Settler settler, Patience patience, TimeProvider clock)
{
    private const int Batch = 32;
    private static readonly SmtpReply s_untried = new(451, 3, 0, "Its mailbox here was never reached");
    private static readonly SmtpReply s_unheard = new(421, 4, 1, "The smarthost was never reached");

    /// <summary>True if there may be more to do at once.</summary>
    public async Task<bool> LookAsync(CancellationToken cancellationToken)
    {
        if (!patience.MayTell)
        {
            return false;
        }

        IReadOnlyList<QueueLease> leases = await store
            .LeaseOverdueAsync(clock.GetUtcNow(), Batch, MailSource.LeaseFor, cancellationToken).ConfigureAwait(false);
        bool moved = false;
        foreach (QueueLease lease in leases)
        {
            moved |= await HandleAsync(lease).ConfigureAwait(false);
        }

        return moved && leases.Count == Batch;
    }

    private async Task<bool> HandleAsync(QueueLease lease)
    {
        DateTimeOffset now = patience.NowFor(lease.Message.ReceivedAt);
        bool isOver = lease.Message.ExpiresAt <= now;
        if (isOver && patience.MayGiveUp && !local.HasNoPlace && lease.Due.Any(recipient => recipient.Recipient.Route == MailRoute.Local))
        {
            // Those who wait for the smarthost come round again when these have had their last attempt.
            return local.Add(lease);
        }

        if (isOver && patience.MayGiveUp && health.Trouble is null)
        {
            return source.Add(lease);
        }

        if (!inHand.TryAdd(lease))
        {
            return false;
        }

        // Overdue by the wall clock alone, which has leapt; or told already, and not over yet.
        bool isToBeTold = lease.Message.DelayNoticeAt <= now && patience.MayTell;
        if (isOver ? !patience.MayGiveUp : !isToBeTold)
        {
            await source.ReleaseAsync(lease).ConfigureAwait(false);
            return false;
        }

        await settler.EnterAsync().ConfigureAwait(false);
        settler.Begin(lease, () => isOver ? recorder.RecordAsync(lease, GivenUp(lease), CancellationToken.None) : DelayNoticeAsync(lease));
        return true;
    }

    /// <summary>As if it had been tried and put off once more: the recorder sees that its time is over.</summary>
    private AttemptResult GivenUp(QueueLease lease) => new()
    {
        Smarthost = "",
        GivenUp = true,
        Recipients = [.. lease.Due.Select(recipient => new RecipientResult(
            recipient,
            new Outcome(Disposition.Deferred, FailureScope.Smarthost, DeliveryStage.Connect, LastSaid(recipient)),
            FromSmarthost: false))],
    };

    private SmtpReply LastSaid(QueuedRecipient recipient) =>
        StoredReply.TryParse(recipient.LastReply)
        ?? (recipient.Recipient.Route == MailRoute.Local ? s_untried : health.Resting?.Reply ?? s_unheard);

    private async ValueTask<Settlement> DelayNoticeAsync(QueueLease lease)
    {
        ReportedRecipient[] delayed = [.. lease.Due.Select(
            recipient => new ReportedRecipient(recipient.Recipient, LastSaid(recipient), RemoteMta: "", LastAttempt: null))];
        var notices = new List<PreparedMessage>();
        bool isDone = true;
        foreach (IGrouping<Mailbox?, ReportedRecipient> same in delayed.GroupBy(recipient => ReturnPaths.Of(lease.Message.Envelope, recipient.Recipient)))
        {
            Told told = await reports.DelayedAsync(lease, [.. same], CancellationToken.None).ConfigureAwait(false);
            isDone &= told.Telling != Telling.NotNow;
            if (told.Report is { } notice)
            {
                notices.Add(notice);
            }
        }

        return new Settlement { Lease = lease, Reports = notices, DelayNoticeDone = isDone };
    }
}
