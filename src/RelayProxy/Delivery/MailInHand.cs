using System.Collections.Concurrent;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Delivery;

/// <summary>
/// The leases that this process is busy with. A delivery may outlast its lease (a slow smarthost, a step of the clock), and the store
/// then offers the message again: to us, who still have it in hand. It is not sent twice; the newer lease settles what the older began.
/// </summary>
internal sealed class MailInHand
{
    private readonly ConcurrentDictionary<QueueId, QueueLease> _leases = new();

    private long _begun;

    public int Count => _leases.Count;

    /// <summary>How many messages have been taken in hand since the start.</summary>
    public long Begun => Interlocked.Read(ref _begun);

    /// <summary>False if the message is in hand already: leave it.</summary>
    public bool TryAdd(QueueLease lease)
    {
        QueueLease held = _leases.AddOrUpdate(lease.Message.Id, lease, (_, older) => older with { Token = Math.Max(older.Token, lease.Token) });
        if (!ReferenceEquals(held, lease))
        {
            return false;
        }

        Interlocked.Increment(ref _begun);
        return true;
    }

    /// <summary>The lease to settle with.</summary>
    public QueueLease Newest(QueueLease lease) => _leases.GetValueOrDefault(lease.Message.Id, lease);

    public void Remove(QueueLease lease) => _leases.TryRemove(lease.Message.Id, out _);
}
