using Microsoft.Extensions.Logging;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Listener;

/// <summary>Tells of connections that were not let in: the first at once, then how many there were, so that a flood at the door is no flood in
/// the log.</summary>
internal sealed partial class RefusalTally(RelayMetrics metrics, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private DateTimeOffset _quietUntil = DateTimeOffset.MinValue;
    private long _untold;

    public void Count(string peer, SmtpReply refusal)
    {
        metrics.Refused("connect", refusal.Code);
        long untold;
        lock (_gate)
        {
            DateTimeOffset now = clock.GetUtcNow();
            if (now < _quietUntil)
            {
                _untold++;
                return;
            }

            _quietUntil = now + s_pause;
            untold = _untold;
            _untold = 0;
        }

        Log.Refused(logger, peer, refusal, untold);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ConnectionRefused, LogLevel.Warning, "{Peer}: connection refused: {Reply} ({Untold} more since this was last told)")]
        public static partial void Refused(ILogger logger, string peer, SmtpReply reply, long untold);
    }
}
