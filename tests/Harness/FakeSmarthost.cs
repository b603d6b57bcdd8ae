using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Channels;
using RelayProxy.Upstream;

namespace RelayProxy.Harness;

/// <summary>
/// A smarthost that does what a test tells it. Left alone it is a well-behaved one: implicit TLS with <see cref="TestCertificates.Good"/>,
/// AUTH PLAIN and LOGIN for <c>relay</c> / <c>secret</c>, the usual extensions, and 250 to everything. Each step can be given another answer,
/// a pause, or an end. It reads commands and content with code of its own, so that it does not share a mistake with what it tests.
/// Reached over loopback (<see cref="Listen"/>, then <see cref="Port"/>) or in memory (<see cref="Dialer"/>).
/// </summary>
internal sealed class FakeSmarthost : IAsyncDisposable
{
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(30);
    private readonly CancellationTokenSource _closing = new();
    private readonly Channel<CapturedMail> _arrivals = Channel.CreateUnbounded<CapturedMail>();
    private readonly ConcurrentQueue<CapturedMail> _mails = new();
    private readonly ConcurrentQueue<string> _dialogue = new();
    private readonly ConcurrentQueue<string> _violations = new();
    private readonly ConcurrentDictionary<int, Task> _sessions = new();
    private readonly ConcurrentDictionary<int, Stream> _streams = new();
    private readonly TaskCompletionSource _stalled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Socket? _listener;
    private int _connections;
    private int _open;
    private int _mostOpen;
    private long _octetsSaid;

    public FakeSmarthost() => Dialer = new FakeDialer((_, _, _) =>
    {
        StreamPair pair = StreamPair.Create(WindowOctets);
        Begin(pair.Far, pair.Far.Reset);
        _ = pair.Near.Stalled.ContinueWith(_ => _stalled.TrySetResult(), TaskScheduler.Default);
        return new ValueTask<Stream>(pair.Near);
    });

    public FakeTls Tls { get; init; } = FakeTls.Implicit;

    public X509Certificate2 Certificate { get; init; } = TestCertificates.Good;

    /// <summary>What it shows along with its certificate: those of the authorities between it and one that is known.</summary>
    public X509Certificate2Collection Intermediates { get; init; } = [];

    /// <summary>Asks the client for a certificate.</summary>
    public bool WantsClientCertificate { get; init; }

    public SslProtocols Protocols { get; init; } = SslProtocols.None;

    /// <summary>EHLO keywords, with their parameters. AUTH PLAIN LOGIN is among them.</summary>
    public IList<string> Offers { get; set; } =
        ["PIPELINING", "SIZE 52428800", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "DSN", "CHUNKING", "AUTH PLAIN LOGIN"];

    /// <summary>EHLO keywords before STARTTLS.</summary>
    public IList<string> OffersInClear { get; set; } = ["PIPELINING", "STARTTLS"];

    public string Username { get; init; } = "relay";

    public string Password { get; init; } = "secret";

    /// <summary>In memory: octets that fit between the two ends before the writer has to wait.</summary>
    public int WindowOctets { get; init; } = 256 * 1024;

    // Each is asked at its step; what it returns is done. Null: the usual.
    public Func<FakeStep, FakeAnswer>? OnGreeting { get; set; }

    public Func<FakeStep, FakeAnswer>? OnEhlo { get; set; }

    public Func<FakeStep, FakeAnswer>? OnHelo { get; set; }

    public Func<FakeStep, FakeAnswer>? OnStartTls { get; set; }

    /// <summary>Asked for AUTH and for every line of its exchange.</summary>
    public Func<FakeStep, FakeAnswer>? OnAuth { get; set; }

    public Func<FakeStep, FakeAnswer>? OnMail { get; set; }

    public Func<FakeStep, FakeAnswer>? OnRcpt { get; set; }

    public Func<FakeStep, FakeAnswer>? OnData { get; set; }

    /// <summary>Asked each time more content has come. Null from it: read on. An answer is given at once, in the middle.</summary>
    public Func<FakeStep, FakeAnswer?>? OnBody { get; set; }

    public Func<FakeStep, FakeAnswer>? OnEndOfData { get; set; }

    public Func<FakeStep, FakeAnswer>? OnBdat { get; set; }

    public Func<FakeStep, FakeAnswer>? OnRset { get; set; }

    public Func<FakeStep, FakeAnswer>? OnQuit { get; set; }

    /// <summary>Told of each message that is answered with 250, before it is.</summary>
    public Action<CapturedMail>? OnTaken { get; set; }

    /// <summary>Reaches this smarthost in memory, whatever host and port are asked for.</summary>
    public FakeDialer Dialer { get; }

    /// <summary>Where it listens, after <see cref="Listen"/>.</summary>
    public int Port { get; private set; }

    /// <summary>Connections so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>The most connections that were open at the same time.</summary>
    public int MostConnections => Volatile.Read(ref _mostOpen);

    /// <summary>Octets of replies that clients let it say.</summary>
    public long OctetsSaid => Interlocked.Read(ref _octetsSaid);

    /// <summary>Every message that was answered with 250, oldest first.</summary>
    public IReadOnlyList<CapturedMail> Mails => [.. _mails];

    /// <summary>Every command and reply, in order: <c>C: …</c>, <c>S: …</c>. Several sessions at once are mixed.</summary>
    public IReadOnlyList<string> Dialogue => [.. _dialogue];

    /// <summary>The commands alone.</summary>
    public IReadOnlyList<string> Commands => [.. _dialogue.Where(line => line.StartsWith("C: ", StringComparison.Ordinal)).Select(line => line[3..])];

    /// <summary>What no client may do: bare CR or LF, an octet below 32 in a command, content without 354.</summary>
    public IReadOnlyList<string> Violations => [.. _violations];

    /// <summary>The name in SNI of the last TLS handshake; <c>null</c> if there was none.</summary>
    public string? ServerName { get; internal set; }

    /// <summary>The client's certificate of the last TLS handshake.</summary>
    public X509Certificate? ClientCertificate { get; private set; }

    internal CancellationToken Closing => _closing.Token;

    /// <summary>Starts listening on 127.0.0.1, on a port the system chooses (or <paramref name="port"/>, to come back on the same).</summary>
    public FakeSmarthost Listen(int port = 0) =>
        ListenOn(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>Starts listening at an address of another network.</summary>
    public FakeSmarthost ListenIn(NetworkNamespace network, IPEndPoint place) =>
        ListenOn(network.OpenSocket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), place);

    /// <summary>Waits for the next message that has not been waited for yet.</summary>
    public async Task<CapturedMail> NextMailAsync()
    {
        using var safety = new CancellationTokenSource(s_safety);
        return await _arrivals.Reader.ReadAsync(safety.Token);
    }

    /// <summary>Waits until a client has written more than <see cref="WindowOctets"/> that this smarthost has not read yet.</summary>
    public Task ClientStalledAsync() => _stalled.Task.WaitAsync(s_safety);

    /// <summary>Waits until this connection, counted from 1, has ended.</summary>
    public Task SessionEndedAsync(int session) => _sessions[session].WaitAsync(s_safety);

    /// <summary>Closes every connection without a word, as a restart does.</summary>
    public void HangUpAll()
    {
        foreach (Stream stream in _streams.Values)
        {
            stream.Dispose();
        }
    }

    /// <summary>Waits until every connection so far has ended: what the client said last has then been heard.</summary>
    public Task EndedAsync() => Task.WhenAll(_sessions.Values).WaitAsync(s_safety);

    /// <summary>Settings of a client that gets on with this smarthost.</summary>
    public SmarthostOptions ClientOptions() => new()
    {
        Host = Port == 0 ? TestCertificates.HostName : "localhost",
        Port = Port == 0 ? 465 : Port,
        Tls = Tls switch
        {
            FakeTls.Implicit => SmarthostTls.Implicit,
            FakeTls.StartTls => SmarthostTls.StartTls,
            FakeTls.None => SmarthostTls.None,
        },
        Username = Username,
        Password = Password,
        AllowPlaintextAuth = Tls == FakeTls.None,
        CaFile = TestCertificates.AuthorityFile,
        HeloName = "relay.test",
    };

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        _listener?.Dispose();
        foreach (Task session in _sessions.Values)
        {
            await session;
        }

        _closing.Dispose();
    }

    internal void Note(string line) => _dialogue.Enqueue(line);

    internal void Said(int octets) => Interlocked.Add(ref _octetsSaid, octets);

    internal void NoteViolation(string what) => _violations.Enqueue(what);

    /// <summary>Whoever shows a certificate, or none, may come in.</summary>
    internal bool Meet(X509Certificate? certificate)
    {
        ClientCertificate = certificate;
        return true;
    }

    internal void Take(CapturedMail mail)
    {
        OnTaken?.Invoke(mail);
        _mails.Enqueue(mail);
        _arrivals.Writer.TryWrite(mail);
    }

    private FakeSmarthost ListenOn(Socket socket, IPEndPoint place)
    {
        _listener = socket;
        _listener.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _listener.Bind(place);
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _ = AcceptAsync(_listener);
        return this;
    }

    private async Task AcceptAsync(Socket listener)
    {
        try
        {
            while (true)
            {
                Socket socket = await listener.AcceptAsync(_closing.Token);
                socket.NoDelay = true;
                Begin(new NetworkStream(socket, ownsSocket: true), () =>
                {
                    socket.LingerState = new LingerOption(true, 0);
                    socket.Dispose();
                });
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The smarthost is being closed.
        }
    }

    private void Begin(Stream stream, Action reset)
    {
        int number = Interlocked.Increment(ref _connections);
        int open = Interlocked.Increment(ref _open);
        int most;
        while (open > (most = Volatile.Read(ref _mostOpen)) && Interlocked.CompareExchange(ref _mostOpen, open, most) != most)
        {
        }

        _streams[number] = stream;
        _sessions[number] = Task.Run(async () =>
        {
            try
            {
                await new FakeSmarthostSession(this, number, stream, reset).RunAsync();
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException
                or AuthenticationException or SocketException or EndOfStreamException)
            {
                Note($"S! {exception.GetType().Name}");
            }
            finally
            {
                await stream.DisposeAsync();
                Interlocked.Decrement(ref _open);
            }
        });
    }
}
