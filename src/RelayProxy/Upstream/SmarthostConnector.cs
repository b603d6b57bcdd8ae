using Microsoft.Extensions.Logging;
using RelayProxy.Telemetry;

namespace RelayProxy.Upstream;

/// <summary>
/// Opens sessions with the smarthost, and remembers between them what must not be learnt anew each time: the last secrets that could be
/// read, mechanisms that turned out not to work, and whether BDAT did.
/// </summary>
internal sealed class SmarthostConnector(IDialer dialer, TimeProvider clock, ILogger logger, RelayMetrics? metrics = null)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _unusableMechanisms = new(StringComparer.OrdinalIgnoreCase);
    private bool _chunkingFailed;
    private long _certificateExpires;

    public IDialer Dialer => dialer;

    public TimeProvider Clock => clock;

    public ILogger Logger => logger;

    public SmarthostCredentials Credentials { get; } = new(clock, logger, metrics);

    /// <summary>When the certificate ends that was shown last, to whatever use.</summary>
    public DateTimeOffset? CertificateExpires
    {
        get => Interlocked.Read(ref _certificateExpires) is > 0 and long ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;
        set => Interlocked.Exchange(ref _certificateExpires, value?.UtcTicks ?? 0);
    }

    /// <summary>BDAT was offered and then refused.</summary>
    public bool ChunkingFailed
    {
        get => Volatile.Read(ref _chunkingFailed);
        set => Volatile.Write(ref _chunkingFailed, value);
    }

    /// <summary>One attempt: an authenticated session ready for MAIL, or why there is none.</summary>
    /// <param name="options">Kept for as long as the session lasts: pass what does not change (<see cref="SmarthostOptions.Snapshot"/>).</param>
    public ValueTask<(SmarthostConnection? Connection, SessionFailure? Failure)> OpenAsync(
        SmarthostOptions options, CancellationToken cancellationToken) => SmarthostConnection.OpenAsync(this, options, cancellationToken);

    /// <summary>One attempt to see what is there; the session is closed again.</summary>
    public ValueTask<SmarthostProbe> ProbeAsync(SmarthostOptions options, CancellationToken cancellationToken) =>
        SmarthostConnection.ProbeAsync(this, options.Snapshot(), cancellationToken);

    /// <summary>What the smarthost offers, without what has been found not to work.</summary>
    public string[] UsableMechanisms(IEnumerable<string> offered)
    {
        lock (_gate)
        {
            return [.. offered.Where(name => !_unusableMechanisms.Contains(name))];
        }
    }

    public void MechanismFailed(string name)
    {
        lock (_gate)
        {
            _unusableMechanisms.Add(name);
        }
    }

    /// <summary>The settings have changed: it may be another server.</summary>
    public void Forget()
    {
        lock (_gate)
        {
            _unusableMechanisms.Clear();
        }

        ChunkingFailed = false;
        CertificateExpires = null;
    }
}
