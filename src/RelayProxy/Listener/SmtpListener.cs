using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using RelayProxy.Intake;
using RelayProxy.Session;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Listener;

/// <summary>
/// The door. Each connection becomes Kestrel's socket transport (pipes with back-pressure over one socket) and is given to the
/// <see cref="SmtpConnectionHandler"/>. Accepting is done here and not by Kestrel's own server for two reasons: whoever is not let in costs
/// one descriptor for one moment and no pipes, however many knock; and an accept that fails is tried again after a pause, where
/// Kestrel tries at once, for ever.
/// </summary>
internal sealed partial class SmtpListener : IAsyncDisposable
{
    /// <summary>A client that has been given its last reply takes it within this time, or never.</summary>
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_pauseAfterFailure = TimeSpan.FromMilliseconds(200);

    private readonly ListenerOptions _options;
    private readonly InheritedSockets _inherited;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly Admission _admission;
    private readonly SocketConnectionContextFactory _transport;
    private readonly CancellationTokenSource _closing = new();
    private readonly RefusalTally _refusals;
    private IReadOnlyList<Socket> _sockets = [];
    private Task[] _doors = [];

    /// <param name="options">Who may send is asked each time; the rest holds as it is now.</param>
    public SmtpListener(
        Func<ListenerOptions> options,
        Func<SessionOptions> sessionOptions,
        IntakeDesk intake,
        TimeProvider clock,
        ILoggerFactory loggers,
        InheritedSockets? inherited = null,
        Func<CancellationToken, Task<HealthReport>>? health = null)
    {
        _options = options();
        _inherited = inherited ?? InheritedSockets.OfThisProcess;
        _clock = clock;
        _logger = loggers.CreateLogger("Listener");
        _admission = new Admission(_options);
        _refusals = new RefusalTally(intake.Metrics, clock, _logger);
        _transport = new SocketConnectionContextFactory(
            new SocketConnectionFactoryOptions
            {
                MaxReadBufferSize = 128 * 1024,
                MaxWriteBufferSize = 64 * 1024,

                // A conversation is many small reads and writes. It runs on the thread that its octets came in on: sessions wait for nothing but
                // through await, and a change of threads costs more than a command does.
                UnsafePreferInlineScheduling = true,

                // 4 KiB for each connection that is silent, of which there are 200 at most, instead of two more calls of the kernel for each read.
                WaitForDataBeforeAllocatingBuffer = false,
            },
            _logger);
        Handler = new SmtpConnectionHandler(
            sessionOptions, new UserPolicy(options, clock, LinuxNative.EffectiveUserId()), _refusals, intake, new OctetsInFlight(), clock, loggers, health);
    }

    /// <summary>Where connections go.</summary>
    public SmtpConnectionHandler Handler { get; }

    /// <summary>Where it listens, with the ports that the system chose; empty before the start.</summary>
    public IReadOnlyList<EndPoint> Endpoints { get; private set; } = [];

    /// <summary>How many clients are inside.</summary>
    public int Connections => _admission.Connections;

    /// <summary>Opens every endpoint, or none.</summary>
    /// <exception cref="ListenerBindException">One cannot be had, or the settings forbid it.</exception>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if ((ListenerOptionsRules.Broken(_options).FirstOrDefault() ?? DescriptorBudget.Check(_options.MaxConnections)) is { } problem)
        {
            throw new ListenerBindException(problem);
        }

        _sockets = ListenSockets.Open(_options, _inherited, _logger);
        Endpoints = [.. _sockets.Select(static socket => socket.LocalEndPoint!)];
        foreach (EndPoint endpoint in Endpoints)
        {
            Log.Listening(_logger, endpoint);
        }

        _doors = [.. _sockets.Select(socket => Task.Run(() => KeepDoorAsync(socket), CancellationToken.None))];
        return Task.CompletedTask;
    }

    /// <summary>Closes the door, then sees those inside out (<see cref="SmtpConnectionHandler.StopAsync"/>).</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        await _closing.CancelAsync();
        foreach (Socket socket in _sockets)
        {
            // The file of a Unix socket goes with it.
            socket.Dispose();
        }

        await Task.WhenAll(_doors);
        await Handler.StopAsync(grace);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        _closing.Dispose();
        _transport.Dispose();
        Handler.Dispose();
    }

    private async Task KeepDoorAsync(Socket door)
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                Receive(await door.AcceptAsync(_closing.Token));
            }
            catch (Exception) when (_closing.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException trouble) when (trouble.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // It knocked and ran away.
            }
            catch (Exception trouble)
            {
                // Whatever it is, the door stays open.
                Log.AcceptFailed(_logger, trouble.Message);
                await PauseAsync();
            }
        }
    }

    private void Receive(Socket socket)
    {
        try
        {
            if (_admission.TryEnter(socket.LocalEndPoint, socket.RemoteEndPoint, out string peer) is { } refusal)
            {
                Refuse(socket, peer, refusal);
                return;
            }

            _ = Task.Run(() => ServeAsync(socket, peer), CancellationToken.None);
        }
        catch (SocketException)
        {
            // It has gone already.
            socket.Dispose();
        }
    }

    /// <summary>One line and the end. The socket's buffer is empty, so nothing here waits.</summary>
    private void Refuse(Socket socket, string peer, SmtpReply refusal)
    {
        _refusals.Count(peer, refusal);
        using (socket)
        {
            socket.Blocking = false;
            socket.Send(Encoding.ASCII.GetBytes($"{refusal}\r\n"), SocketFlags.None, out _);
            socket.Shutdown(SocketShutdown.Send);
        }
    }

    private async Task ServeAsync(Socket socket, string peer)
    {
        try
        {
            if (socket.ProtocolType == ProtocolType.Tcp)
            {
                socket.NoDelay = true;
            }

            ConnectionContext connection = _transport.Create(socket);
            try
            {
                await Handler.OnConnectedAsync(connection);
            }
            finally
            {
                await CloseAsync(connection);
            }
        }
        catch (Exception trouble) when (trouble is SocketException or IOException or OperationCanceledException)
        {
            // It was gone before it was served.
        }
        catch (Exception trouble)
        {
            // A session throws nothing; whatever this is, it ends one connection and not the relay.
            Log.ConnectionFailed(_logger, trouble);
        }
        finally
        {
            socket.Dispose();
            _admission.Leave(peer);
        }
    }

    /// <summary>Lets go of a connection: what has been said is delivered, within a bound.</summary>
    private async Task CloseAsync(ConnectionContext connection)
    {
        using ITimer bound = _clock.CreateTimer(
            static state => ((ConnectionContext)state!).Abort(), connection, s_farewell, Timeout.InfiniteTimeSpan);
        await connection.DisposeAsync();
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(s_pauseAfterFailure, _clock, _closing.Token);
        }
        catch (OperationCanceledException)
        {
            // Closing.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Listening, LogLevel.Information, "Listening at {Endpoint}")]
        public static partial void Listening(ILogger logger, EndPoint endpoint);

        [LoggerMessage(EventIds.AcceptFailed, LogLevel.Warning, "A connection could not be accepted: {Trouble}")]
        public static partial void AcceptFailed(ILogger logger, string trouble);

        [LoggerMessage(EventIds.ConnectionFailed, LogLevel.Error, "A connection ended by a fault of the relay")]
        public static partial void ConnectionFailed(ILogger logger, Exception fault);
    }
}
