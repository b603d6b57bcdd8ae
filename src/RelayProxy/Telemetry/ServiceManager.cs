using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;

namespace RelayProxy.Telemetry;

/// <summary>
/// The service manager that started this process, and what it wants to be told (sd_notify(3)): one datagram for each notice, to the socket
/// it named. Without one every notice is passed over; one that does not listen costs a line in the log, and mail goes on.
/// </summary>
internal sealed partial class ServiceManager : IDisposable
{
    /// <summary>A manager that is that busy will not take the notice later either.</summary>
    private const int MostMillisecondsToSend = 5000;

    private readonly Socket? _socket;
    private readonly UnixDomainSocketEndPoint? _address;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private bool _hasComplained;

    /// <param name="environment">NOTIFY_SOCKET is a path, or an abstract name behind <c>@</c>. WATCHDOG_USEC and WATCHDOG_PID say how often, and of
    /// whom, a sign of life is expected.</param>
    /// <param name="processId">Ours.</param>
    public ServiceManager(IReadOnlyDictionary<string, string> environment, int processId, ILogger logger)
    {
        _logger = logger;
        if (environment.GetValueOrDefault("NOTIFY_SOCKET") is not ['/' or '@', _, ..] name)
        {
            return;
        }

        _address = new UnixDomainSocketEndPoint(name[0] == '@' ? "\0" + name[1..] : name);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { SendTimeout = MostMillisecondsToSend };
        if (Number("WATCHDOG_USEC") is > 0 and { } microseconds && (Number("WATCHDOG_PID") ?? processId) == processId)
        {
            WatchdogPatience = TimeSpan.FromMicroseconds(microseconds);
        }

        long? Number(string variable) =>
            long.TryParse(environment.GetValueOrDefault(variable), NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
    }

    /// <summary>Whether somebody wants to be told.</summary>
    public bool IsThere => _socket is not null;

    /// <summary>After how long without a sign of life this process is ended and started anew; <c>null</c> if nobody watches.</summary>
    public TimeSpan? WatchdogPatience { get; }

    /// <summary>The start, or a reload, is over.</summary>
    public void Ready() => Tell("READY=1");

    /// <summary>The settings are read again, until <see cref="Ready"/>.</summary>
    public void Reloading()
    {
        // The manager compares it with the time of its own signal, by the same clock (CLOCK_MONOTONIC, which is also Stopwatch's).
        long microseconds = (long)Stopwatch.GetElapsedTime(0).TotalMicroseconds;
        Tell(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}"));
    }

    /// <param name="atMost">How long it may take. Longer than the manager would wait of itself, it waits that long.</param>
    public void Stopping(TimeSpan atMost) => Tell(string.Create(
        CultureInfo.InvariantCulture, $"STOPPING=1\nSTATUS=Stopping: what is under way may finish\nEXTEND_TIMEOUT_USEC={(long)atMost.TotalMicroseconds}"));

    /// <summary>A sign of life, for the watchdog.</summary>
    public void Alive() => Tell("WATCHDOG=1");

    /// <summary>How things stand, in a line for whoever asks the manager.</summary>
    public void Status(string line) => Tell($"STATUS={LogText.Printable(line)}");

    public void Dispose() => _socket?.Dispose();

    private void Tell(string notice)
    {
        if (_socket is null)
        {
            return;
        }

        try
        {
            _socket.SendTo(Encoding.UTF8.GetBytes(notice), _address!);
        }
        catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
        {
            Complain(fault);
        }
    }

    private void Complain(Exception fault)
    {
        lock (_gate)
        {
            if (_hasComplained)
            {
                return;
            }

            _hasComplained = true;
        }

        Log.NotTold(_logger, fault.Message);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ServiceManagerNotTold, LogLevel.Warning,
            "The service manager could not be told at its NOTIFY_SOCKET how the relay is, and may end it for that: {Trouble}")]
        public static partial void NotTold(ILogger logger, string trouble);
    }
}
