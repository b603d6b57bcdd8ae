using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;
using RelayProxy.Intake;
using RelayProxy.Session;
using RelayProxy.Telemetry;

namespace RelayProxy.Listener;

/// <summary>Gives each connection its session, and sees all of them to their end when the relay stops.</summary>
internal sealed class SmtpConnectionHandler(
    Func<SessionOptions> options,
    UserPolicy users,
    RefusalTally refusals,
    IntakeDesk intake,
    OctetsInFlight inFlight,
    TimeProvider clock,
    ILoggerFactory loggers,
    Func<CancellationToken, Task<HealthReport>>? health = null)
    : ConnectionHandler, IDisposable
{
    /// <summary>How long sessions have, after the grace, to say that they end.</summary>
    private static readonly TimeSpan s_lastWords = TimeSpan.FromSeconds(2);

    private readonly ILogger _logger = loggers.CreateLogger("Session");
    private readonly MessageRates _rates = new(clock);
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _graceOver = new();
    private readonly Lock _gate = new();
    private readonly HashSet<ConnectionContext> _connections = [];
    private readonly TaskCompletionSource _allGone = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        lock (_gate)
        {
            _connections.Add(connection);
        }

        try
        {
            Socket? socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
            SessionPeer peer = PeerOf(connection.RemoteEndPoint, socket);
            bool isOfThisMachine = peer.UserId is not null || socket is null || PeerCredentials.IsOfThisMachine(socket);
            if (users.RefusalOf(peer.UserId, () => isOfThisMachine) is { } refusal)
            {
                refusals.Count(peer.ToString(), refusal);
                refusal.WriteTo(connection.Transport.Output);
                await connection.Transport.Output.FlushAsync();
                return;
            }

            var session = new SmtpSession(connection.Transport, peer, options(), intake, inFlight, _rates, clock, _logger, health)
            {
                // The lists may change, and whoever is put on one must not go on for as long as he keeps his session open.
                Refusal = () => users.RefusalOf(peer.UserId, () => isOfThisMachine),
            };
            if (await session.RunAsync(_stopping.Token, _graceOver.Token) == SessionEnd.NotReading)
            {
                // What it does not read cannot be delivered to it either.
                connection.Abort();
            }
        }
        finally
        {
            Leave(connection);
        }
    }

    /// <summary>Idle sessions end at once, messages under way within the grace, and what then still holds on is torn away.</summary>
    public async Task StopAsync(TimeSpan grace)
    {
        await _stopping.CancelAsync();
        if (!await AreAllGoneWithinAsync(grace))
        {
            await _graceOver.CancelAsync();
            if (!await AreAllGoneWithinAsync(s_lastWords))
            {
                Abort();
            }
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _graceOver.Dispose();
    }

    private static SessionPeer PeerOf(EndPoint? remote, Socket? socket)
    {
        string address = remote switch
        {
            IPEndPoint { Address: { AddressFamily: AddressFamily.InterNetworkV6, IsIPv4MappedToIPv6: false } six } => $"IPv6:{six}",
            IPEndPoint ip => (ip.Address.IsIPv4MappedToIPv6 ? ip.Address.MapToIPv4() : ip.Address).ToString(),
            _ => "",
        };
        uint? userId = socket is not null ? PeerCredentials.UserIdOf(socket) : null;
        return new SessionPeer(address, userId, userId is { } uid ? LocalUsers.NameOf(uid) : "");
    }

    private void Leave(ConnectionContext connection)
    {
        lock (_gate)
        {
            _connections.Remove(connection);
            if (_connections.Count == 0 && _stopping.IsCancellationRequested)
            {
                _allGone.TrySetResult();
            }
        }
    }

    private async Task<bool> AreAllGoneWithinAsync(TimeSpan bound)
    {
        lock (_gate)
        {
            if (_connections.Count == 0)
            {
                return true;
            }
        }

        using var enough = new CancellationTokenSource();
        Task first = await Task.WhenAny(_allGone.Task, Task.Delay(bound, clock, enough.Token));
        await enough.CancelAsync();
        return first == _allGone.Task;
    }

    private void Abort()
    {
        ConnectionContext[] left;
        lock (_gate)
        {
            left = [.. _connections];
        }

        foreach (ConnectionContext connection in left)
        {
            connection.Abort();
        }
    }
}
