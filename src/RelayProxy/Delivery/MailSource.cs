using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Delivery;

/// <summary>
/// Where the next message for a route comes from: what was just accepted and what fell due in the store, in turns, so that neither a flood of new mail
/// nor a large backlog keeps the other waiting.
/// </summary>
internal sealed class MailSource(MailRoute route, IQueueStore store, HandOverQueue handOver, MailInHand inHand, TimeProvider clock)
{
    /// <summary>Nobody else serves the queue, and all leases end with the process, so this may be generous.</summary>
    public static readonly TimeSpan LeaseFor = TimeSpan.FromHours(2);

    private readonly Lock _gate = new();
    private readonly Queue<QueueLease> _due = new();
    private readonly Queue<MailToSend> _returned = new();
    private bool _freshFirst;

    /// <summary>How many messages are leased from the store and wait here.</summary>
    public int Due
    {
        get
        {
            lock (_gate)
            {
                return _due.Count + _returned.Count;
            }
        }
    }

    public bool IsEmpty => handOver.Count == 0 && Due == 0;

    /// <summary>The next message, due for the recipients of this route. What it takes of the hand-over has to be given back with <see cref="Sent"/>.</summary>
    public bool TryTake(out MailToSend mail)
    {
        lock (_gate)
        {
            if (_returned.TryDequeue(out mail))
            {
                return true;
            }

            _freshFirst = !_freshFirst;
            return _freshFirst ? TryTakeFresh(out mail) || TryTakeDue(out mail) : TryTakeDue(out mail) || TryTakeFresh(out mail);
        }
    }

    /// <summary>It was taken and not begun: it is the next one again.</summary>
    public void PutBack(MailToSend mail)
    {
        lock (_gate)
        {
            _returned.Enqueue(mail);
        }
    }

    /// <summary>Its octets are no longer needed.</summary>
    public void Sent(MailToSend mail)
    {
        if (mail.HandedOver is { } octets)
        {
            handOver.GiveBack(octets);
        }
    }

    /// <summary>Leases what is due. True if there may be more.</summary>
    public async ValueTask<bool> RefillAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        IReadOnlyList<QueueLease> leases = await store.LeaseDueAsync(route, now, limit, LeaseFor, cancellationToken).ConfigureAwait(false);
        foreach (QueueLease lease in leases)
        {
            Add(lease);
        }

        return leases.Count == limit;
    }

    /// <summary>Puts a leased message in line. False if it is in hand already.</summary>
    public bool Add(QueueLease lease)
    {
        if (!inHand.TryAdd(lease))
        {
            return false;
        }

        lock (_gate)
        {
            _due.Enqueue(lease);
        }

        return true;
    }

    /// <summary>Gives everything that waits here back to the store, as it was.</summary>
    public async Task ReleaseAllAsync()
    {
        var releases = new List<Task>();
        while (TryTake(out MailToSend mail))
        {
            Sent(mail);
            releases.Add(ReleaseAsync(mail.Lease));
        }

        await Task.WhenAll(releases).ConfigureAwait(false);
    }

    /// <summary>Gives one message back, as it was. If the store cannot take it, the lease ends by itself.</summary>
    public async Task ReleaseAsync(QueueLease lease)
    {
        try
        {
            await store.SettleAsync(new Settlement { Lease = inHand.Newest(lease) }, CancellationToken.None).ConfigureAwait(false);
        }
        finally
        {
            inHand.Remove(lease);
        }
    }

    private bool TryTakeFresh(out MailToSend mail)
    {
        while (handOver.TryTake(out QueueLease? lease, out long octets))
        {
            mail = new MailToSend(OfRoute(lease), octets);

            // One that lapsed while it waited here is the store's again, and may be in other hands.
            if (lease.Until > clock.GetUtcNow() && inHand.TryAdd(lease))
            {
                return true;
            }

            Sent(mail);
        }

        mail = default;
        return false;
    }

    /// <summary>One lease is for the whole message; what the other route has to do waits in the store until this has been settled.</summary>
    private QueueLease OfRoute(QueueLease lease)
    {
        // Every message passes here, and nearly all have one route only.
        for (int i = 0; i < lease.Due.Count; i++)
        {
            if (lease.Due[i].Recipient.Route != route)
            {
                return lease with { Due = [.. lease.Due.Where(recipient => recipient.Recipient.Route == route)] };
            }
        }

        return lease;
    }

    private bool TryTakeDue(out MailToSend mail)
    {
        bool taken = _due.TryDequeue(out QueueLease? lease);
        mail = taken ? new MailToSend(OfRoute(lease!), HandedOver: null) : default;
        return taken;
    }
}

/// <param name="HandedOver">The octets it takes of the hand-over; <c>null</c> if it came from the store.</param>
internal readonly record struct MailToSend(QueueLease Lease, long? HandedOver);
