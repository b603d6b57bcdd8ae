using Microsoft.Extensions.Logging;
using RelayProxy.Telemetry;

namespace RelayProxy.Listener;

/// <summary>
/// Sees that nobody can reach this relay any more: a sidecar lives in the network of its application's container, and when that one is started
/// anew it gets a new network. The old one keeps the sidecar, healthy and deaf, with nothing in it but loopback. To the kernel it is a network like
/// any other; what can be seen is that every interface that once carried something is gone. One that is merely down is still there.
/// </summary>
internal sealed partial class NetworkWatch : IDisposable
{
    private const int LooksToBeSure = 3;
    private static readonly TimeSpan s_look = TimeSpan.FromSeconds(2);

    private readonly Func<string> _interfaces;
    private readonly Action _cutOff;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private bool _hadOne;
    private volatile int _looksWithout;

    /// <param name="interfaces">The kernel's table of them, as <see cref="OfThisProcess"/>.</param>
    /// <param name="cutOff">Called once, when they have been gone for some seconds.</param>
    public NetworkWatch(Func<string> interfaces, Action cutOff, TimeProvider clock, ILogger logger)
    {
        (_interfaces, _cutOff, _logger) = (interfaces, cutOff, logger);
        _timer = clock.CreateTimer(_ => Look(), null, TimeSpan.Zero, s_look);
    }

    /// <summary>Nobody can reach this relay.</summary>
    public bool IsCutOff => _looksWithout >= LooksToBeSure;

    /// <summary>Of the network that this process lives in (proc_net(5)).</summary>
    public static string OfThisProcess() => File.ReadAllText("/proc/self/net/dev");

    /// <summary>Whether there is an interface beside loopback that ever carried an octet. The kernel puts some into every network that nobody uses.</summary>
    public static bool HasOne(string interfaces)
    {
        foreach (string line in interfaces.Split('\n'))
        {
            // "  eth0: received packets errs drop fifo frame compressed multicast sent …"
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string[] counts = colon < 0 ? [] : line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (counts.Length > 8 && line.AsSpan(0, colon).Trim() is not "lo" && (counts[0], counts[8]) is not ("0", "0"))
            {
                return true;
            }
        }

        return false;
    }

    public void Dispose() => _timer.Dispose();

    private void Look()
    {
        string interfaces;
        try
        {
            interfaces = _interfaces();
        }
        catch (IOException)
        {
            // No descriptor is left, for a moment.
            return;
        }

        if (HasOne(interfaces))
        {
            (_hadOne, _looksWithout) = (true, 0);
        }
        else if (_hadOne && ++_looksWithout == LooksToBeSure)
        {
            _timer.Dispose();
            Log.CutOff(_logger);
            _cutOff();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.CutOff, LogLevel.Error,
            "nobody can reach this relay any more: its network has nothing left but loopback, so the container it was shared with was started anew. "
            + "It ends (Listener:ExitWhenCutOff), to be started in the new one")]
        public static partial void CutOff(ILogger logger);
    }
}
