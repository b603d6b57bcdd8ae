using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Engines;
using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Benchmarks.Queue;

/// <summary>
/// What the queue costs one message: committed durably and leased, then settled as delivered with its history row. A figure is the
/// time a message, with so many sessions at it at once: what they gain on each other is what group commit gains. Where the folder
/// of temporary files is memory, set TMPDIR to a disk.
/// </summary>
[MemoryDiagnoser]
[SimpleJob(RunStrategy.Throughput, warmupCount: 2, iterationCount: 5, invocationCount: 1)]
public class StoreCommitBenchmarks : IAsyncDisposable
{
    private const int Messages = 2000;
    private TemporaryFolder _folder = null!;
    private SqliteQueueStore _store = null!;
    private byte[] _content = null!;

    [Params(1, 10, 50)]
    public int Sessions { get; set; }

    [Params(4 * 1024, 100 * 1024)]
    public int Octets { get; set; }

    [GlobalSetup]
    public async Task SetUp()
    {
        _folder = new TemporaryFolder();
        _content = new byte[Octets];
        new Random(1).NextBytes(_content);
        _store = new SqliteQueueStore(
            new QueueOptions { Path = _folder["queue"], MinFreeOctets = 0 }, TimeProvider.System, NullLogger.Instance);
        await _store.OpenAsync(StoreAccess.Daemon, default);
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    [Benchmark(OperationsPerInvoke = Messages)]
    public Task CommitAndSettle() =>
        Task.WhenAll(Enumerable.Range(0, Sessions).Select(_ => Task.Run(() => SessionAsync(Messages / Sessions))));

    private async Task SessionAsync(int messages)
    {
        for (int i = 0; i < messages; i++)
        {
            QueueLease lease = await CommitAsync();
            SettleResult result = await _store.SettleAsync(Delivered(lease), default);
            if (result != SettleResult.Settled)
            {
                throw new InvalidOperationException($"{lease.Message.Id}: {result}");
            }
        }
    }

    private async Task<QueueLease> CommitAsync()
    {
        await using IMessageWriter writer = _store.BeginMessage(QueueId.Next(TimeProvider.System));
        await writer.WriteAsync(_content, default);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        await using PreparedMessage prepared = await writer.CompleteAsync(
            new NewMessage
            {
                Envelope = new Envelope { Sender = new Mailbox("cron", "web1.example.net") },
                Recipients = [new Recipient(new Mailbox("ops", "example.net"), OriginalRecipient: "rfc822;root@web1.example.net")],
                ReceivedAt = now,
                ExpiresAt = now + TimeSpan.FromDays(5),
                DelayNoticeAt = now + TimeSpan.FromHours(4),
                Origin = "root (uid 0) 127.0.0.1",
                MessageId = "<20261122.123456@web1.example.net>",
                HeaderOctets = 300,
            },
            default);
        CommitResult result = await _store.CommitAsync(prepared, lease: true, default);
        return result.Lease ?? throw new InvalidOperationException(result.Reason);
    }

    private static Settlement Delivered(QueueLease lease) => new()
    {
        Lease = lease,
        Recipients = [new RecipientSettlement(0, RecipientState.Delivered, 1, default, "250 2.0.0 Ok: queued as 4BxYz")],
        History =
        [
            new HistoryEntry
            {
                Id = lease.Message.Id,
                At = lease.Message.ReceivedAt,
                Sender = "cron@web1.example.net",
                Recipient = "ops@example.net",
                Smarthost = "smtp.example.net:465",
                Stage = "EndOfData",
                Outcome = "delivered",
                Reply = "250 2.0.0 Ok: queued as 4BxYz",
                Tls = "TLSv1.3",
            },
        ],
    };
}
