using System.Buffers;
using System.Globalization;
using System.Text;

namespace RelayProxy.Telemetry;

/// <summary>
/// Carries log lines to a stream, on a thread of its own: callers only copy octets into a buffer. A line that comes alone leaves
/// at once; those that come close behind it gather for a moment and leave in one write. A reader that stops reading (a full pipe, a hung disk) holds callers up
/// once, for a moment; then lines are counted instead of kept until it reads again. Mail does not wait for its log.
/// </summary>
internal sealed class LogWriter : IDisposable
{
    /// <summary>Some twenty thousand lines: seconds of the heaviest load.</summary>
    private const int DefaultMostPending = 4 * 1024 * 1024;

    /// <summary>Nobody who watches a log sees it stutter, and a busy relay writes a hundred times a second and not thousands.</summary>
    private static readonly TimeSpan s_gather = TimeSpan.FromMilliseconds(10);

    private readonly Stream _output;
    private readonly int _mostPending;
    private readonly TimeSpan _patience;
    private readonly Thread _thread;
    private readonly object _gate = new();
    private ArrayBufferWriter<byte> _pending = new(64 * 1024);
    private ArrayBufferWriter<byte> _leaving = new(64 * 1024);
    private bool _idle;
    private bool _writing;

    /// <summary>Somebody waits for what is there to leave.</summary>
    private bool _hurry;
    private bool _stuck;
    private bool _ended;
    private long _lost;

    /// <param name="mostPending">Octets that may gather.</param>
    /// <param name="patience">How long a caller waits for room, once; a second if <c>null</c>.</param>
    public LogWriter(Stream output, int mostPending = DefaultMostPending, TimeSpan? patience = null)
    {
        _patience = patience ?? TimeSpan.FromSeconds(1);
        _output = output;
        _mostPending = mostPending;
        _thread = new Thread(Run) { IsBackground = true, Name = "log" };
        _thread.Start();
    }

    /// <summary>Takes one line, its line feed included.</summary>
    public void Write(ReadOnlySpan<byte> line)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            // A line that is larger than the whole buffer goes alone.
            while (_pending.WrittenCount > 0 && _pending.WrittenCount + line.Length > _mostPending)
            {
                Hurry();
                if (_stuck || !Monitor.Wait(_gate, _patience))
                {
                    _stuck = true;
                    _lost++;
                    return;
                }
            }

            _pending.Write(line);
            if (_idle)
            {
                _idle = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>Waits until everything has left, within the bound. Says whether it has.</summary>
    public bool Flush(TimeSpan bound)
    {
        long until = Environment.TickCount64 + (long)bound.TotalMilliseconds;
        lock (_gate)
        {
            while (_writing || _pending.WrittenCount > 0)
            {
                Hurry();
                long left = until - Environment.TickCount64;
                if (left <= 0 || !Monitor.Wait(_gate, TimeSpan.FromMilliseconds(left)))
                {
                    return !_writing && _pending.WrittenCount == 0;
                }
            }
        }

        return true;
    }

    /// <summary>Lets what is there leave, for two seconds at most.</summary>
    public void Dispose()
    {
        Flush(TimeSpan.FromSeconds(2));
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Hurry()
    {
        if (!_hurry)
        {
            _hurry = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Run()
    {
        while (TakePending())
        {
            try
            {
                _output.Write(_leaving.WrittenSpan);
                _output.Flush();
            }
            catch (Exception fault) when (fault is IOException or ObjectDisposedException)
            {
                // Nobody is left to read the log (EPIPE): there is no place to say so, and mail goes on.
            }
        }
    }

    /// <summary>False when the log has ended.</summary>
    private bool TakePending()
    {
        lock (_gate)
        {
            bool hasWritten = _writing;
            _leaving.ResetWrittenCount();
            _writing = false;
            Monitor.PulseAll(_gate);
            if (hasWritten && !_hurry && !_ended)
            {
                Monitor.Wait(_gate, s_gather);
            }

            while (_pending.WrittenCount == 0)
            {
                if (_ended)
                {
                    return false;
                }

                _idle = true;
                Monitor.Wait(_gate);
            }

            _idle = false;
            _hurry = false;
            (_pending, _leaving) = (_leaving, _pending);
            _writing = true;
            _stuck = false;
            if (_lost > 0)
            {
                _leaving.Write(Encoding.UTF8.GetBytes(string.Create(
                    CultureInfo.InvariantCulture, $"relayproxy: {_lost} log lines were lost while nobody read the log\n")));
                _lost = 0;
            }

            Monitor.PulseAll(_gate);
            return true;
        }
    }
}
