using RelayProxy.Smtp;
using RelayProxy.Upstream;

namespace RelayProxy.Delivery;

/// <summary>
/// Whether the smarthost may be dialled now, and by how many connections at once. Its troubles are counted here, once for all its
/// mail, and never at the messages. After a rest, at the start and after a long silence one connection goes first; the others
/// follow when it was heard out, after a trouble step by step. Rests are measured on the monotonic clock: a step of the wall clock neither ends nor prolongs them.
/// </summary>
internal sealed class SmarthostHealth(TimeProvider clock, Func<SmarthostOptions> options, Func<double>? chance = null)
{
    /// <summary>So many connections lost in a row within a transaction are no longer the messages' fault.</summary>
    private const int StrikesToRest = 3;

    /// <summary>So many messages after a throttle, the next one is a new one. A smarthost that takes 30 a minute throttles every minute: that is
    /// no reason to pause longer each time.</summary>
    private const int HeardToForget = 5;

    private static readonly TimeSpan s_trustedFor = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private readonly Func<double> _chance = chance ?? Random.Shared.NextDouble;
    private readonly Pacing _pacing = new();
    private int _epoch;
    private int _active;
    private int _strikes;
    private int _heard;
    private int _times;
    private RestReason _reason;
    private bool _proven;
    private long _lastHeard;
    private long _restBegan;
    private TimeSpan _pause;
    private SmtpReply _reply;

    /// <summary>Connections at work.</summary>
    public int Active
    {
        get
        {
            lock (_gate)
            {
                return _active;
            }
        }
    }

    /// <summary>It has been heard since the last trouble and the last long silence: more than one may enter.</summary>
    public bool IsProven
    {
        get
        {
            lock (_gate)
            {
                return _proven;
            }
        }
    }

    /// <summary>The rest that runs: why, what was said, how long still; <c>null</c> if none does.</summary>
    public (RestReason Reason, SmtpReply Reply, TimeSpan Left)? Resting
    {
        get
        {
            lock (_gate)
            {
                TimeSpan left = Left();
                return left > TimeSpan.Zero ? (_reason, _reply, left) : null;
            }
        }
    }

    /// <summary>Trouble that no success has ended yet, resting or not.</summary>
    public RestReason? Trouble
    {
        get
        {
            lock (_gate)
            {
                return _times > 0 && !_proven ? _reason : null;
            }
        }
    }

    /// <summary>Takes a place for one connection, if there is one.</summary>
    public bool TryEnter(out Passage passage)
    {
        lock (_gate)
        {
            if (_active == 0 && clock.GetElapsedTime(_lastHeard) > s_trustedFor)
            {
                _proven = false;
            }

            passage = new Passage(_epoch);
            if (Left() > TimeSpan.Zero || _active >= Places())
            {
                return false;
            }

            _active++;
            return true;
        }
    }

    /// <summary>Whether the holder of a place may send another message.</summary>
    public bool MayGoOn(ref Passage passage)
    {
        lock (_gate)
        {
            passage = new Passage(_epoch);
            return Left() <= TimeSpan.Zero && _active <= Places();
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _active--;
        }
    }

    /// <summary>A session is up. After a mere silence that is enough for others to enter, and a large message that goes first keeps nobody
    /// waiting; after a trouble a message has to be heard out. True if others may enter now.</summary>
    public bool Met(Passage passage)
    {
        lock (_gate)
        {
            if (_proven || _times > 0 || passage.Epoch != _epoch || Left() > TimeSpan.Zero)
            {
                return false;
            }

            _proven = true;
            _lastHeard = clock.GetTimestamp();
            return true;
        }
    }

    /// <summary>The smarthost has heard a message out, whatever it said to it. True if that ends a trouble: others may enter.</summary>
    public bool Heard(Passage passage)
    {
        lock (_gate)
        {
            // What was begun before a rest says nothing about the time after it.
            if (passage.Epoch != _epoch || Left() > TimeSpan.Zero)
            {
                return false;
            }

            bool opened = !_proven;
            _proven = true;
            _lastHeard = clock.GetTimestamp();
            _strikes = 0;
            bool widened = _pacing.Delivered(Configured());
            if (_reason != RestReason.Throttled || ++_heard >= HeardToForget)
            {
                _times = 0;
            }

            return widened || opened;
        }
    }

    /// <summary>Begins a rest; <c>null</c> if one has begun since this holder entered.</summary>
    public Rest? Failed(Passage passage, RestReason reason, SmtpReply reply)
    {
        lock (_gate)
        {
            if (passage.Epoch != _epoch)
            {
                return null;
            }

            _pacing.Rested();
            if (reason == RestReason.Throttled)
            {
                _pacing.Throttled(Configured(), keepAll: options().IsUnlimited);
            }

            _times = reason == _reason ? _times + 1 : 1;
            _reason = reason;
            _reply = reply;
            _epoch++;
            _strikes = 0;
            _heard = 0;
            _proven = false;
            _restBegan = clock.GetTimestamp();
            _pause = RetrySchedule.Jittered(Rest.PauseOf(reason, _times), _chance());
            return new Rest(reason, _times, _pause);
        }
    }

    /// <summary>A connection was lost within a transaction: rests when that happens again and again.</summary>
    public Rest? Lost(Passage passage, SmtpReply reply)
    {
        lock (_gate)
        {
            if (passage.Epoch != _epoch || ++_strikes < StrikesToRest)
            {
                return null;
            }
        }

        return Failed(passage, RestReason.Away, reply);
    }

    /// <summary>Somebody has mended something, or asks: one connection may try now. The count goes on until a success ends it.</summary>
    public void EndRest()
    {
        lock (_gate)
        {
            _pause = TimeSpan.Zero;
        }
    }

    private int Places() => _proven ? _pacing.Places(Configured()) : 1;

    private int Configured() => Math.Max(1, options().MaxConnections);

    private TimeSpan Left() => _pause == TimeSpan.Zero ? TimeSpan.Zero : _pause - clock.GetElapsedTime(_restBegan);
}

/// <summary>A place among the connections, and the rest after which it was taken.</summary>
internal readonly record struct Passage(int Epoch);
