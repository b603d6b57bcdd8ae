using RelayProxy.Delivery.Reports;
using RelayProxy.Queue;
using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery;

/// <summary>
/// Mail that has waited so long that something is due whatever the smarthost does: the sender hears that it is late, once; at the end it is
/// given up. While the smarthost answers, what is past its time gets a last attempt first.
/// </summary>
internal sealed class OverdueMail(
    IQueueStore store, MailSource source, MailInHand inHand, SmarthostHealth health, OutcomeRecorder recorder, ReportOffice reports,
    Settler settler, Patience patience, TimeProvider clock)
{
    private const int Batch = 32;
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
        bool isOver = lease.Message.ExpiresAt <= clock.GetUtcNow();
        if (isOver && patience.MayGiveUp && health.Trouble is null)
        {
            return source.Add(lease);
        }

        if (!inHand.TryAdd(lease))
        {
            return false;
        }

        if (isOver && !patience.MayGiveUp)
        {
            await source.ReleaseAsync(lease).ConfigureAwait(false);
            return false;
        }

        await settler.EnterAsync().ConfigureAwait(false);
        settler.Begin(lease, () => isOver ? recorder.RecordAsync(lease, GivenUp(lease), CancellationToken.None) : DelayNoticeAsync(lease));
        return true;
    }

    /// <summary>As if it had been tried and put off once more: the recorder sees that its time is over.</summary>
    private AttemptResult GivenUp(QueueLease lease)
    {
        SmtpReply reply = health.Resting?.Reply ?? s_unheard;
        return new AttemptResult
        {
            Smarthost = "",
            GivenUp = true,
            Recipients = [.. lease.Due.Select(recipient => new RecipientResult(
                recipient,
                new Outcome(Disposition.Deferred, FailureScope.Smarthost, DeliveryStage.Connect, StoredReply.TryParse(recipient.LastReply) ?? reply),
                FromSmarthost: false))],
        };
    }

    private async ValueTask<Settlement> DelayNoticeAsync(QueueLease lease)
    {
        SmtpReply reply = health.Resting?.Reply ?? s_unheard;
        ReportedRecipient[] delayed = [.. lease.Due.Select(
            recipient => new ReportedRecipient(recipient.Recipient, StoredReply.TryParse(recipient.LastReply) ?? reply, RemoteMta: "", LastAttempt: null))];
        Told told = await reports.DelayedAsync(lease, delayed, CancellationToken.None).ConfigureAwait(false);
        return new Settlement
        {
            Lease = lease,
            Reports = told.Report is { } report ? [report] : [],
            DelayNoticeDone = told.Telling != Telling.NotNow,
        };
    }
}
