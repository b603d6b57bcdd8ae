using System.Diagnostics.CodeAnalysis;
using RelayProxy.Queue;

namespace RelayProxy.Delivery;

/// <summary>
/// Fresh messages of one route on their way from intake to delivery without a look into the store, first come, first served. Bounded in octets and in
/// number; says no while delivery rests or has stopped, and the message then waits in the store like any other.
/// </summary>
internal sealed class HandOverQueue(Func<DeliveryOptions> options)
{
    /// <summary>What waits here is out of an operator's sight, so it is never more than a moment's work.</summary>
    private const int MaxMessages = 1024;

    private readonly Lock _gate = new();
    private readonly Queue<(QueueLease Lease, long Octets)> _waiting = new();
    private long _octets;
    private int _places;
    private bool _open;
    private bool _wasFull;
    private Action? _arrived;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count;
            }
        }
    }

    /// <summary>Since this was last asked, a message found no room here and waits in the store.</summary>
    public bool WasFull
    {
        get
        {
            lock (_gate)
            {
                bool wasFull = _wasFull;
                _wasFull = false;
                return wasFull;
            }
        }
    }

    /// <summary>Delivery is at work; <paramref name="arrived"/> is called, outside any lock, after each message that comes.</summary>
    public void Open(Action arrived)
    {
        lock (_gate)
        {
            _arrived = arrived;
            _open = true;
        }
    }

    /// <summary>Delivery rests. What already has a place still comes; the caller empties the queue.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _open = false;
        }
    }

    public bool TryReserve(long octets)
    {
        lock (_gate)
        {
            if (!_open)
            {
                return false;
            }

            if (_places >= MaxMessages || _octets + octets > options().MaxHandOverOctets)
            {
                _wasFull = true;
                return false;
            }

            _octets += octets;
            _places++;
            return true;
        }
    }

    public void HandOver(QueueLease lease, long octets)
    {
        Action? arrived;
        lock (_gate)
        {
            _waiting.Enqueue((lease, octets));
            arrived = _arrived;
        }

        arrived?.Invoke();
    }

    public void GiveBack(long octets)
    {
        lock (_gate)
        {
            _octets -= octets;
            _places--;
        }
    }

    /// <summary>The next message, its place still taken until <see cref="GiveBack"/>: its octets are in memory as long as it is being sent.</summary>
    public bool TryTake([NotNullWhen(true)] out QueueLease? lease, out long octets)
    {
        lock (_gate)
        {
            bool taken = _waiting.TryDequeue(out (QueueLease Lease, long Octets) next);
            (lease, octets) = taken ? next : (null, 0);
            return taken;
        }
    }
}
