using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using RelayProxy.Smtp;

namespace RelayProxy.Commands.Demo;

/// <summary>
/// A stand-in for the provider: implicit TLS with a certificate of its own authority, AUTH, and mail that goes no further. It ships with the
/// product so that the demonstration, the container set-up and the load bench have somewhere to send to. Bounded in connections, line length,
/// recipients and octets kept; not meant to face anyone but the relay.
/// </summary>
internal sealed class DemoSmarthost : IAsyncDisposable
{
    private static readonly TimeSpan s_acceptPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_handshakeTimeout = TimeSpan.FromSeconds(30);

    private readonly DemoSmarthostOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<DemoArrival> _arrived;
    private readonly DemoCertificates _certificates;
    private readonly SslServerAuthenticationOptions _tls;
    private readonly Socket _listener;
    private readonly SemaphoreSlim _places;
    private readonly CancellationTokenSource _closing = new();
    private readonly ConcurrentDictionary<Task, bool> _sessions = new();
    private Task _accepting = Task.CompletedTask;
    private long _messages;
    private long _octets;

    /// <param name="arrived">Called for each message once its 250 has been sent, from any thread, several at once.</param>
    public DemoSmarthost(DemoSmarthostOptions options, TimeProvider clock, Action<DemoArrival> arrived)
    {
        _options = options;
        _clock = clock;
        _arrived = arrived;
        _listener = new Socket(options.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _places = new SemaphoreSlim(options.MaxConnections);
        _certificates = new DemoCertificates(["localhost", "127.0.0.1", "::1", .. options.HostNames], clock);
        _tls = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = SslStreamCertificateContext.Create(_certificates.Server, additionalCertificates: null, offline: true),
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
    }

    /// <summary>Where it listens, once started.</summary>
    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>What <c>Smarthost:CaFile</c> has to hold.</summary>
    public string AuthorityPem => _certificates.AuthorityPem;

    /// <summary>Messages taken so far.</summary>
    public long Messages => Volatile.Read(ref _messages);

    /// <summary>Octets of the messages taken so far.</summary>
    public long Octets => Volatile.Read(ref _octets);

    /// <exception cref="SocketException">The endpoint cannot be bound.</exception>
    public void Start()
    {
        _listener.Bind(_options.EndPoint);
        _listener.Listen(512);
        _accepting = AcceptAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_sessions.Keys);
        _closing.Dispose();
        _places.Dispose();
        _certificates.Dispose();
    }

    internal long Count(long octets)
    {
        Interlocked.Add(ref _octets, octets);
        return Interlocked.Increment(ref _messages);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                await _places.WaitAsync(_closing.Token);
                Task session = ServeAsync(await AcceptOneAsync());
                _sessions.TryAdd(session, true);
                _ = session.ContinueWith(
                    done => _sessions.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // Closing.
        }
    }

    private async Task<Socket> AcceptOneAsync()
    {
        while (true)
        {
            try
            {
                Socket socket = await _listener.AcceptAsync(_closing.Token);
                socket.NoDelay = true;
                return socket;
            }
            catch (SocketException) when (!_closing.IsCancellationRequested)
            {
                // The client left at once, or descriptors ran out: the next one may fare better, a moment later.
                await Task.Delay(s_acceptPause, _clock, _closing.Token);
            }
        }
    }

    /// <summary>One connection, from the handshake on. Whatever goes wrong in it ends it and nothing else.</summary>
    private async Task ServeAsync(Socket socket)
    {
        await Task.Yield();
        try
        {
            using var network = new NetworkStream(socket, ownsSocket: true);
            using var tls = new SslStream(network);
            using (var handshake = new Deadline(_clock, _closing.Token))
            {
                handshake.Start(s_handshakeTimeout);
                await tls.AuthenticateAsServerAsync(_tls, handshake.Token);
            }

            var session = new DemoSmarthostSession(this, _options, _clock, _arrived, PipeReader.Create(tls), PipeWriter.Create(tls));
            await session.RunAsync(_closing.Token);
            await tls.ShutdownAsync();
        }
        catch (Exception e) when (e is IOException or AuthenticationException or SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The client went away, does not trust us, or we are closing.
        }
        finally
        {
            _places.Release();
        }
    }
}
