using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Listener.Probes;

/// <summary>
/// The other door: a few questions over HTTP/1.1, one to a connection, a few at a time, each within seconds. It is written out here because it is so
/// little: Kestrel's HTTP server would take a tenth of a second more of the start and some 20 MB.
/// </summary>
/// <param name="answer">What there is at a path; <c>null</c> if there is nothing. Called on the thread pool: it may block.</param>
internal sealed partial class ProbeDoor(
    TelemetryOptions options, Func<string, CancellationToken, Task<ProbeAnswer?>> answer, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private const int MostInside = 16;
    private const int MaxRequestOctets = 8 * 1024;

    /// <summary>For the request to come, and then for the answer to be taken.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan s_pauseAfterFailure = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _closing = new();
    private readonly List<Socket> _sockets = [];
    private Task[] _doors = [];
    private int _inside;

    /// <summary>Where it listens, with the ports that the system chose.</summary>
    public IReadOnlyList<EndPoint> Endpoints { get; private set; } = [];

    /// <exception cref="ListenerBindException">An endpoint cannot be had, or the settings forbid it.</exception>
    public void Open()
    {
        if (ProbeEndpointRules.Broken(options).FirstOrDefault() is { } problem)
        {
            throw new ListenerBindException(problem);
        }

        foreach (IpListenerEndpoint endpoint in ProbeEndpointRules.Parse(options))
        {
            try
            {
                _sockets.Add(ListenSockets.Listen(endpoint.Address));
            }
            catch (SocketException trouble)
            {
                string holder = trouble.SocketErrorCode == SocketError.AddressAlreadyInUse && PortHolder.Find(endpoint.Address) is { } name ? $" by {name}" : "";
                throw new ListenerBindException(
                    $"Telemetry:Endpoints has {endpoint.Text}, and listening there failed: {trouble.Message}{holder}; use another, or leave it empty", trouble);
            }
        }

        Endpoints = [.. _sockets.Select(static socket => socket.LocalEndPoint!)];
        foreach (EndPoint endpoint in Endpoints)
        {
            Log.Listening(logger, endpoint);
        }

        _doors = [.. _sockets.Select(socket => Task.Run(() => KeepDoorAsync(socket), CancellationToken.None))];
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _sockets.ForEach(static socket => socket.Dispose());
        await Task.WhenAll(_doors);
        _closing.Dispose();
    }

    private async Task KeepDoorAsync(Socket door)
    {
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                Socket socket = await door.AcceptAsync(_closing.Token);
                if (Interlocked.Increment(ref _inside) <= MostInside)
                {
                    _ = Task.Run(() => ServeAsync(socket), CancellationToken.None);
                }
                else
                {
                    Interlocked.Decrement(ref _inside);
                    socket.Dispose();
                }
            }
            catch (Exception) when (_closing.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException)
            {
                // It ran away, or there are no descriptors left; the other door tells of that.
                await Task.Delay(s_pauseAfterFailure, clock);
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            using (socket)
            using (var deadline = new Deadline(clock, _closing.Token))
            {
                (ProbeAnswer reply, bool withBody) = await ReadAndAnswerAsync(socket, deadline);
                deadline.Start(s_patience);
                await SendAsync(socket, reply.ToOctets(withBody), deadline.Token);
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception trouble) when (trouble is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // Nobody is there to hear the answer.
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }

    private async Task<(ProbeAnswer Answer, bool WithBody)> ReadAndAnswerAsync(Socket socket, Deadline deadline)
    {
        byte[] octets = new byte[MaxRequestOctets];
        int length = 0;
        deadline.Start(s_patience);
        do
        {
            int read = length < octets.Length ? await socket.ReceiveAsync(octets.AsMemory(length), deadline.Token) : 0;
            if (read == 0)
            {
                return (length < octets.Length ? ProbeAnswer.BadRequest : ProbeAnswer.TooLarge, true);
            }

            length += read;
        }
        while (!ProbeRequest.IsWhole(octets.AsSpan(0, length)));
        deadline.Stop();
        return ProbeRequest.Parse(octets.AsSpan(0, length)) switch
        {
            null => (ProbeAnswer.BadRequest, true),
            { Method: "GET" } request => (await AnswerAsync(request.Path), true),
            { Method: "HEAD" } request => (await AnswerAsync(request.Path), false),
            _ => (ProbeAnswer.MethodNotAllowed, true),
        };
    }

    /// <summary>Not on the thread that the request came in on, which other connections wait for.</summary>
    private async Task<ProbeAnswer> AnswerAsync(string path)
    {
        try
        {
            return await Task.Run(() => answer(path, _closing.Token)) ?? ProbeAnswer.NotFound;
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            Log.Fault(logger, path, fault);
            return ProbeAnswer.Fault;
        }
    }

    private static async Task SendAsync(Socket socket, ReadOnlyMemory<byte> octets, CancellationToken cancellationToken)
    {
        while (!octets.IsEmpty)
        {
            octets = octets[await socket.SendAsync(octets, cancellationToken)..];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.ProbesAnswered, LogLevel.Information, "Metrics and probes at http://{Endpoint}")]
        public static partial void Listening(ILogger logger, EndPoint endpoint);

        [LoggerMessage(EventIds.ProbeFault, LogLevel.Error, "A fault of the relay kept {Path} from being answered")]
        public static partial void Fault(ILogger logger, string path, Exception fault);
    }
}
