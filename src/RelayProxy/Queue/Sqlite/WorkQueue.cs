using System.Diagnostics;

namespace RelayProxy.Queue.Sqlite;

/// <summary>
/// Where work waits for the writer. Not bounded by itself: whoever hands in work waits for it, so there is never more of it than there
/// are sessions and deliveries.
/// </summary>
internal sealed class WorkQueue
{
    private const int MostWork = 256;
    private const long MostOctets = 8 * 1024 * 1024;

    /// <summary>Work that may wait waits for so much more of its kind, or so long, or for work that may not. Short beside the way to
    /// any smarthost: what is not yet written down is sent again after a crash.</summary>
    private const int MostPatient = 16;

    private static readonly TimeSpan s_patience = TimeSpan.FromMilliseconds(5);

    // A monitor, because the writer's thread waits on it.
    private readonly object _gate = new();
    private readonly Queue<WriteWork> _waiting = new();
    private int _urgent;
    private long _firstPatientAt;
    private bool _probeWanted;
    private bool _closed;

    public bool IsEmpty
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count == 0;
            }
        }
    }

    /// <summary>Hands in work, and wakes the writer if it is to look at it; false if the store closes.</summary>
    public bool TryAdd(WriteWork work)
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _waiting.Enqueue(work);
            if (!work.MayWait)
            {
                _urgent++;
                Monitor.Pulse(_gate);
            }
            else if (_waiting.Count == 1)
            {
                _firstPatientAt = Stopwatch.GetTimestamp();
                Monitor.Pulse(_gate);
            }
            else if (_waiting.Count >= MostPatient)
            {
                Monitor.Pulse(_gate);
            }

            return true;
        }
    }

    /// <summary>Asks the writer for a probe.</summary>
    public void WantProbe()
    {
        lock (_gate)
        {
            _probeWanted = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Takes no more; false if it was closed before.</summary>
    public bool Close()
    {
        lock (_gate)
        {
            bool first = !_closed;
            _closed = true;
            Monitor.Pulse(_gate);
            return first;
        }
    }

    /// <summary>Waits for work, and takes what there is, within bounds.</summary>
    /// <param name="probe">A probe is wanted, before anything else.</param>
    /// <returns>False when the queue has been closed and all is done.</returns>
    public bool Take(List<WriteWork> group, out bool probe)
    {
        group.Clear();
        lock (_gate)
        {
            while (!_probeWanted && !_closed && _urgent == 0 && _waiting.Count < MostPatient && Patience() is { } patience)
            {
                Monitor.Wait(_gate, patience);
            }

            probe = _probeWanted;
            _probeWanted = false;
            long octets = 0;
            while (group.Count < MostWork && octets < MostOctets && _waiting.TryDequeue(out WriteWork? work))
            {
                group.Add(work);
                octets += work.Octets;
                _urgent -= work.MayWait ? 0 : 1;
            }

            _firstPatientAt = Stopwatch.GetTimestamp();
            return probe || group.Count > 0;
        }
    }

    /// <summary>How long what is there may still wait; <c>null</c> if no longer.</summary>
    private TimeSpan? Patience()
    {
        TimeSpan left = s_patience - Stopwatch.GetElapsedTime(_firstPatientAt);
        return _waiting.Count == 0 ? Timeout.InfiniteTimeSpan : left.TotalMilliseconds >= 1 ? left : null;
    }
}
