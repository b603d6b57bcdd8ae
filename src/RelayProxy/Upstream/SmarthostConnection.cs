using System.Buffers;
using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;

namespace RelayProxy.Upstream;

/// <summary>
/// One authenticated session with the smarthost. Used by one caller at a time. The parts, in the order in which they happen:
/// Opening (which calls the others), Tls, Ehlo, Auth; a message is then sent by <see cref="SmarthostTransaction"/>.
/// </summary>
internal sealed partial class SmarthostConnection : IAsyncDisposable
{
    /// <summary>How long a farewell may take: the message is safe by then, and nobody waits for the answer.</summary>
    private static readonly TimeSpan s_quitTimeout = TimeSpan.FromSeconds(2);

    private readonly SmarthostConnector _connector;
    private readonly ILogger _logger;
    private readonly string _host;
    private readonly CommandBuffer _commands = new();
    private ArrayBufferWriter<byte>? _outgoing;
    private Stream _transport = Stream.Null;
    private Stream _stream = Stream.Null;
    private PipeReader _input = PipeReader.Create(Stream.Null);
    private ReplyReader _replies = new(PipeReader.Create(Stream.Null));
    private Action? _givenBack;
    private AnnouncedMessage? _announced;
    private bool _greeted;
    private bool _disposed;

    private SmarthostConnection(SmarthostConnector connector, SmarthostOptions options)
    {
        _connector = connector;
        _logger = connector.Logger;
        Options = options;
        _host = SmarthostHost.Normalize(options.Host);
        Smarthost = SmarthostHost.Label(options);
    }

    /// <summary><c>smtp.example.net:465</c>, for logs and history.</summary>
    public string Smarthost { get; }

    /// <summary><c>TLSv1.3</c>; empty without TLS.</summary>
    public string TlsVersion => Facts.TlsVersion;

    /// <summary>It has carried a message before: trouble before DATA then says nothing about the smarthost.</summary>
    public bool IsReused { get; private set; }

    /// <summary>What was found out while the session was opened.</summary>
    public SessionFacts Facts { get; private set; } = new();

    public SmarthostCapabilities Capabilities { get; private set; } = SmarthostCapabilities.None;

    /// <summary>The settings it was opened with.</summary>
    public SmarthostOptions Options { get; }

    /// <summary>Transactions begun on it.</summary>
    public int Messages { get; private set; }

    /// <summary>The envelope of the next message has been said already, and only that message may be sent.</summary>
    public bool HasAnnounced => _announced is not null && !IsBroken;

    /// <summary>The far side has gone, or what it says next can't be told apart from what it should have said before.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>
    /// Sends one message. Never throws for what the far side does. Cancellation aborts the connection and comes back as verdicts too, so
    /// that what may have been delivered is known to be in doubt.
    /// </summary>
    /// <param name="next">Asked for the message after this one when the end of this one is about to be written, where its envelope can go
    /// out together with that end. What it returns is the next that is sent here, if <see cref="HasAnnounced"/> says so afterwards.</param>
    /// <exception cref="InvalidDataException">The content is not what was accepted. The connection has been aborted; the message has
    /// not been delivered.</exception>
    public async ValueTask<TransactionResult> SendAsync(
        OutgoingMessage message, CancellationToken cancellationToken, Func<OutgoingMessage?>? next = null)
    {
        Messages++;
        AnnouncedMessage? announced = _announced;
        _announced = null;
        using var deadline = new Deadline(_connector.Clock, cancellationToken);
        return await new SmarthostTransaction(this, message, deadline, announced, next).RunAsync();
    }

    /// <summary>It is put aside for the next message.</summary>
    /// <returns>False if it is not fit for one.</returns>
    public bool TryPark()
    {
        IsReused = true;
        return !HasAnnounced && !HasUnsolicited();
    }

    /// <summary>Whether octets have come that nobody asked for (a 421, most likely), or the far side has hung up. Does not wait.</summary>
    public bool HasUnsolicited() => IsBroken || _replies.HasUnsolicited();

    /// <summary>Says QUIT where that makes sense, does not wait for the answer (RFC 5321 §4.1.1.10: the message was done at its 250), and
    /// closes.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        if (_greeted && !IsBroken && !HasAnnounced)
        {
            await SayQuitAsync();
        }

        Abort();
        Log.Closed(_logger, Smarthost, Messages);
        GiveBack();
    }

    /// <summary>What to do when the caller has done with it, by whichever way: set by the pool, whose place it takes up.</summary>
    internal void OnGivenBack(Action action) => _givenBack = action;

    internal void GiveBack() => Interlocked.Exchange(ref _givenBack, null)?.Invoke();

    internal SmarthostConnector Connector => _connector;

    /// <summary>Whether the next envelope may go out with the end of a message. Lawful wherever there is PIPELINING, but seldom done, so only
    /// towards a smarthost of one's own.</summary>
    internal bool MayAnnounce =>
        Options.IsUnlimited && Capabilities.Pipelining && (Options.MaxMessagesPerConnection == 0 || Messages < Options.MaxMessagesPerConnection);

    internal void Announce(AnnouncedMessage announced) => (_announced, IsReused) = (announced, true);

    internal CommandBuffer Commands => _commands;

    /// <summary>Content on its way out; kept, so that each message need not allocate it anew.</summary>
    internal ArrayBufferWriter<byte> Outgoing => _outgoing ??= new ArrayBufferWriter<byte>(SmarthostTransaction.BlockOctets * 2);

    internal ValueTask WriteAsync(ReadOnlyMemory<byte> octets, CancellationToken cancellationToken) => _stream.WriteAsync(octets, cancellationToken);

    internal async ValueTask<SmtpReply> ReadReplyAsync(CancellationToken cancellationToken)
    {
        SmtpReply reply = await _replies.ReadAsync(cancellationToken);
        Log.Received(_logger, Smarthost, reply);
        return reply;
    }

    /// <summary>UTF-8 may stand in replies to a transaction that used SMTPUTF8 (RFC 6531 §3.7.4).</summary>
    internal void AllowUtf8(bool allowed) => _replies.AllowUtf8 = allowed;

    internal void TraceSent(string command) => Log.Sent(_logger, Smarthost, command);

    internal void TraceContent(long octets) => Log.ContentSent(_logger, Smarthost, octets);

    /// <summary>Ends the connection without a word: whatever is under way on it fails.</summary>
    internal void Abort()
    {
        IsBroken = true;

        // A read waits on an idle connection, for a smarthost that has something to say: it ends here, not with an exception nobody sees.
        _input.CancelPendingRead();
        try
        {
            _stream.Dispose();
        }
        catch (IOException)
        {
            // It was no longer there.
        }
    }

    private async ValueTask SayQuitAsync()
    {
        using var deadline = new Deadline(_connector.Clock, CancellationToken.None);
        deadline.Start(s_quitTimeout);
        try
        {
            Log.Sent(_logger, Smarthost, "QUIT");
            await _stream.WriteAsync("QUIT\r\n"u8.ToArray(), deadline.Token);
            if (_stream is System.Net.Security.SslStream tls)
            {
                Task shutdown = tls.ShutdownAsync();
                shutdown.Abandon();
                await shutdown.WaitAsync(deadline.Token);
            }
        }
        catch (Exception)
        {
            // A farewell that is not heard changes nothing, nor one that OpenSSL cannot write any more: its exceptions have no type in common.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.SmarthostSessionOpened, LogLevel.Debug, "{Smarthost}: session with {Address}, {Tls}, logged in with {Mechanism}")]
        public static partial void Opened(ILogger logger, string smarthost, string address, string tls, string mechanism);

        [LoggerMessage(EventIds.SmarthostSessionRefused, LogLevel.Debug, "{Smarthost}: no session, {Fault} at {Stage}: {Reply}")]
        public static partial void Refused(ILogger logger, string smarthost, SessionFault fault, DeliveryStage stage, SmtpReply reply);

        [LoggerMessage(EventIds.SmarthostSessionClosed, LogLevel.Debug, "{Smarthost}: closed after {Messages} messages")]
        public static partial void Closed(ILogger logger, string smarthost, int messages);

        [LoggerMessage(EventIds.WeakerMechanismNextTime, LogLevel.Warning,
            "{Smarthost}: {Mechanism} is offered but does not work ({Reason}); the next login does without it")]
        public static partial void WeakerMechanismNextTime(ILogger logger, string smarthost, string mechanism, string reason);

        [LoggerMessage(EventIds.WireSent, LogLevel.Trace, "{Smarthost} < {Command}", SkipEnabledCheck = true)]
        private static partial void SentCore(ILogger logger, string smarthost, string command);

        [LoggerMessage(EventIds.WireReceived, LogLevel.Trace, "{Smarthost} > {Reply}", SkipEnabledCheck = true)]
        private static partial void ReceivedCore(ILogger logger, string smarthost, string reply);

        [LoggerMessage(EventIds.WireContentSent, LogLevel.Trace, "{Smarthost} < ({Octets} octets of content)")]
        public static partial void ContentSent(ILogger logger, string smarthost, long octets);

        public static void Sent(ILogger logger, string smarthost, string command)
        {
            if (logger.IsEnabled(LogLevel.Trace))
            {
                SentCore(logger, smarthost, command);
            }
        }

        public static void Received(ILogger logger, string smarthost, SmtpReply reply)
        {
            if (logger.IsEnabled(LogLevel.Trace))
            {
                ReceivedCore(logger, smarthost, reply.ToString());
            }
        }
    }
}
