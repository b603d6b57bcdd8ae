using System.IO.Pipelines;
using System.Text;
using RelayProxy.Intake;
using RelayProxy.Queue;
using RelayProxy.Rewrite;
using RelayProxy.Session;
using RelayProxy.Telemetry;

namespace RelayProxy.Harness;

/// <summary>One session over wires in memory, with a queue in memory and a clock that the test moves. Everything happens on the test's thread:
/// when <see cref="Say"/> returns, the session has said what it has to say.</summary>
internal sealed class SessionUnderTest : IAsyncDisposable
{
    private readonly Pipe _there = new(Inline(0));
    private readonly Pipe _back;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _graceOver = new();
    private readonly CountingWriter _output;

    /// <param name="replyRoom">Octets of replies that the way back holds unread before it takes no more; 0: any number.</param>
    public SessionUnderTest(SessionOptions? options = null, OctetsInFlight? inFlight = null, int replyRoom = 0, MessageRates? rates = null)
    {
        _back = new Pipe(Inline(replyRoom));
        Options = options ?? new SessionOptions();
        InFlight = inFlight ?? new OctetsInFlight();
        Store = new MemoryQueueStore(Clock);
        Metrics = new RelayMetrics(new RelayReadings(), Clock);
        var intakeOptions = new IntakeOptions { HostName = "relay.test" };
        var rewriter = new Rewriter(() => Rewrite(), () => "", () => intakeOptions.HostName);
        var desk = new IntakeDesk(Store, new FakeHandOver(), rewriter, () => intakeOptions, () => new QueueOptions(), Metrics, Clock, Logger);
        _output = new CountingWriter(_back.Writer);
        var session = new SmtpSession(
            new Wires(_there.Reader, _output), new SessionPeer("127.0.0.1"), Options, desk, InFlight, rates ?? new MessageRates(Clock), Clock, Logger);
        Ended = session.RunAsync(_stopping.Token, _graceOver.Token);
    }

    public SessionOptions Options { get; }

    public OctetsInFlight InFlight { get; }

    public TestClock Clock { get; } = new();

    public MemoryQueueStore Store { get; }

    public RelayMetrics Metrics { get; }

    /// <summary>What the room behind intake is given; a test may have it fail.</summary>
    public Func<RewriteOptions> Rewrite { get; set; } = static () => new RewriteOptions { Origin = "example.org", AliasFile = "" };

    public RecordingLogger Logger { get; } = new();

    /// <summary>How the session ended, once it has.</summary>
    public Task<SessionEnd> Ended { get; }

    /// <summary>How often something was sent.</summary>
    public int Writes => _output.Writes;

    /// <summary>Says something, one octet for each char, and returns all that the session answers.</summary>
    public string Say(string octets)
    {
        _ = _there.Writer.WriteAsync(Encoding.Latin1.GetBytes(octets)).AsTask();
        return Hear();
    }

    /// <summary>As <see cref="Say"/>, but nobody looks at the replies and nothing is allocated here.</summary>
    public void SayUnheard(ReadOnlyMemory<byte> octets)
    {
        ValueTask<FlushResult> said = _there.Writer.WriteAsync(octets);
        if (!said.IsCompletedSuccessfully || !_back.Reader.TryRead(out ReadResult read))
        {
            throw new InvalidOperationException("The session has not answered.");
        }

        _ = said.Result;
        _back.Reader.AdvanceTo(read.Buffer.End);
    }

    /// <summary>What the session has said meanwhile.</summary>
    public string Hear()
    {
        if (!_back.Reader.TryRead(out ReadResult read))
        {
            return "";
        }

        string text = Encoding.Latin1.GetString(read.Buffer);
        _back.Reader.AdvanceTo(read.Buffer.End);
        return text;
    }

    /// <summary>The client closes its sending side.</summary>
    public string HangUp()
    {
        _there.Writer.Complete();
        return Hear();
    }

    /// <summary>The client is gone for good.</summary>
    public void TearAway()
    {
        _back.Reader.Complete();
        _there.Writer.Complete(new IOException("Connection reset by peer"));
    }

    /// <summary>The relay stops.</summary>
    public string Stop()
    {
        _stopping.Cancel();
        return Hear();
    }

    /// <summary>The grace that a message under way has is over.</summary>
    public string EndGrace()
    {
        _graceOver.Cancel();
        return Hear();
    }

    public async ValueTask DisposeAsync()
    {
        await _there.Writer.CompleteAsync();
        await Ended;
        Metrics.Dispose();
        _stopping.Dispose();
        _graceOver.Dispose();
    }

    private static PipeOptions Inline(int room) => new(
        readerScheduler: PipeScheduler.Inline,
        writerScheduler: PipeScheduler.Inline,
        pauseWriterThreshold: room,
        resumeWriterThreshold: room / 2,
        useSynchronizationContext: false);

    private sealed record Wires(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class CountingWriter(PipeWriter inner) : PipeWriter
    {
        public int Writes { get; private set; }

        public override bool CanGetUnflushedBytes => true;

        public override long UnflushedBytes => inner.UnflushedBytes;

        public override void Advance(int bytes) => inner.Advance(bytes);

        public override Memory<byte> GetMemory(int sizeHint = 0) => inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => inner.GetSpan(sizeHint);

        public override void CancelPendingFlush() => inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null) => inner.Complete(exception);

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default)
        {
            Writes += inner.UnflushedBytes > 0 ? 1 : 0;
            return inner.FlushAsync(cancellationToken);
        }
    }
}
