using System.Text;
using RelayProxy.Delivery;
using RelayProxy.Delivery.Local;
using RelayProxy.Intake;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Rewrite;
using RelayProxy.Smtp;
using RelayProxy.Telemetry;
using RelayProxy.Upstream;

namespace RelayProxy.Harness;

/// <summary>
/// Delivery with everything it stands on, and a smarthost that the test plays: messages go in by intake, and come out at
/// <see cref="Smarthost"/> or stay in <see cref="Store"/>. Time passes when the test says so.
/// </summary>
internal sealed class DeliveryUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(60);
    private readonly CancellationTokenSource _safety = new();
    private readonly SmarthostPool _pool;
    private bool _stopped;

    /// <param name="store">Open; <c>null</c> for one in memory.</param>
    public DeliveryUnderTest(FakeSmarthost? smarthost = null, Func<TestClock, IQueueStore>? store = null)
    {
        Smarthost = smarthost ?? new FakeSmarthost();
        SmarthostOptions = Smarthost.ClientOptions();
        Metrics = new RelayMetrics(new RelayReadings(), Clock);
        Store = store?.Invoke(Clock) ?? new MemoryQueueStore(Clock);
        var handOver = new HandOver(() => Options);
        HandOver = handOver.ToSmarthost;
        var rewriter = new Rewriter(
            () => Rewrite, () => Options.PostmasterAddress, () => "relay.example.net");
        Intake = new IntakeDesk(
            Store, handOver, rewriter, () => new IntakeOptions { HostName = "relay.example.net" }, () => QueueOptions, Metrics, Clock, Log);
        Dialer = new FakeDialer((host, port, cancellationToken) => IsAway
            ? throw new IOException($"connect to {host}:{port}: Connection refused")
            : DialSmarthostAsync(host, port, cancellationToken));
        _pool = new SmarthostPool(() => SmarthostOptions, Dialer, Clock, Log);
        var local = new LocalDelivery(
            () => LocalOptions, () => AliasRights, () => SmarthostOptions, new SystemUsers(() => LocalOptions), () => "relay.example.net", Clock, Log);
        Service = new DeliveryService(
            Store, _pool, Intake, handOver, local, () => Options, () => QueueOptions, () => SmarthostOptions, Metrics, Clock, Log);
    }

    public TestClock Clock { get; } = new();

    public FakeSmarthost Smarthost { get; }

    /// <summary>Nobody answers at the smarthost's address.</summary>
    public bool IsAway { get; set; }

    /// <summary>What becomes of the connections on their way to the smarthost; <c>null</c>: nothing.</summary>
    public Func<Stream, Stream>? Wire { get; set; }

    public FakeDialer Dialer { get; }

    public IQueueStore Store { get; }

    public HandOverQueue HandOver { get; }

    public IntakeDesk Intake { get; }

    public DeliveryService Service { get; }

    public RecordingLogger Log { get; } = new();

    public RelayMetrics Metrics { get; }

    public DeliveryOptions Options { get; set; } = new();

    public LocalOptions LocalOptions { get; set; } = new();

    public AliasRights AliasRights { get; set; } = new(Commands: true, Files: true);

    public QueueOptions QueueOptions { get; set; } = new();

    public RewriteOptions Rewrite { get; set; } = new() { Origin = "example.net", AliasFile = "" };

    /// <summary>To change them, put another object in place: settings come as a new snapshot.</summary>
    public SmarthostOptions SmarthostOptions { get; set; }

    /// <summary>The texts of the log's entries at this level or above.</summary>
    public IEnumerable<string> Logged(Microsoft.Extensions.Logging.LogLevel level = Microsoft.Extensions.Logging.LogLevel.Information) =>
        Log.Entries.Where(entry => entry.Level >= level).Select(entry => entry.Text);

    public DeliveryUnderTest Start()
    {
        Service.Start();
        return this;
    }

    /// <summary>Takes a message in, as a session would.</summary>
    /// <param name="sender">Empty for the null sender.</param>
    public Task<QueueId> AcceptAsync(string sender, params string[] recipients) =>
        AcceptAsync(new Envelope { Sender = Address(sender) }, [.. recipients.Select(recipient => new Recipient(Address(recipient)!))]);

    public async Task<QueueId> AcceptAsync(Envelope envelope, IReadOnlyList<Recipient> recipients, string? content = null)
    {
        await using IntakeTransaction transaction = Intake.Begin(new MessageOrigin { Address = "127.0.0.1" }, envelope);
        foreach (Recipient recipient in recipients)
        {
            if (transaction.AddRecipient(recipient) is { } refusal)
            {
                throw new InvalidOperationException($"{recipient.Address}: {refusal}");
            }
        }

        byte[] octets = Encoding.UTF8.GetBytes(content ?? "Subject: Backup done\r\n\r\nAll is well.\r\n");
        octets.CopyTo(transaction.GetSpan(octets.Length));
        transaction.Advance(octets.Length);
        SmtpReply reply = await transaction.CommitAsync(Safety());
        return reply.IsSuccess ? transaction.Id : throw new InvalidOperationException(reply.ToString());
    }

    /// <summary>Waits until all that can be sent now has been.</summary>
    public Task QuietAsync() => Service.QuietAsync(Safety());

    /// <summary>Lets time pass, in steps, with all that comes to pass in it.</summary>
    public async Task PassAsync(TimeSpan time, TimeSpan? step = null)
    {
        DateTimeOffset until = Clock.GetUtcNow() + time;
        while (Clock.GetUtcNow() < until)
        {
            TimeSpan left = until - Clock.GetUtcNow();
            Clock.Advance(step is { } one && one < left ? one : left);
            await QuietAsync();
        }
    }

    public async Task<IReadOnlyList<QueuedMessage>> QueueAsync()
    {
        var messages = new List<QueuedMessage>();
        await foreach (QueuedMessage message in Store.ListAsync(QueueSelection.All, Safety()))
        {
            messages.Add(message);
        }

        return messages;
    }

    /// <summary>How a message stands, a word for each recipient in their order; empty once it is gone.</summary>
    public async Task<string> StateAsync(QueueId id) => string.Join(
        ' ', (await QueueAsync()).Where(message => message.Id == id).SelectMany(message => message.Recipients).Select(recipient => recipient.State));

    public async Task<IReadOnlyList<HistoryEntry>> HistoryAsync(QueueId id)
    {
        var entries = new List<HistoryEntry>();
        await foreach (HistoryEntry entry in Store.HistoryAsync(new HistorySelection(id), Safety()))
        {
            entries.Add(entry);
        }

        return entries;
    }

    public async Task StopAsync(bool tryOnce = false, TimeSpan? grace = null)
    {
        _stopped = true;
        await Service.StopAsync(tryOnce, grace ?? TimeSpan.FromSeconds(30)).WaitAsync(Safety());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
        {
            await StopAsync();
        }

        Service.Dispose();
        await _pool.DisposeAsync();
        await Smarthost.DisposeAsync();
        await Store.DisposeAsync();
        Metrics.Dispose();
        _safety.Dispose();
    }

    /// <summary>A minute from now on: a test may take as long as it likes, and each of its steps may not.</summary>
    private CancellationToken Safety()
    {
        _safety.CancelAfter(s_safety);
        return _safety.Token;
    }

    /// <summary>Over loopback where the smarthost listens, in memory where it does not.</summary>
    private async ValueTask<Stream> DialSmarthostAsync(string host, int port, CancellationToken cancellationToken)
    {
        IDialer dialer = Smarthost.Port == 0 ? Smarthost.Dialer : new TcpDialer(TimeProvider.System, () => []);
        Stream stream = (await dialer.DialAsync(host, port, s_safety, cancellationToken)).Stream;
        return Wire?.Invoke(stream) ?? stream;
    }

    private static Mailbox? Address(string text) => text.Length == 0
        ? null
        : MailboxParser.TryParse(text, out Mailbox? mailbox) ? mailbox : throw new ArgumentException(text);
}
