using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;

namespace RelayProxy.Integration.Queue;

/// <summary>
/// What every queue store promises, one sentence a test. A new store is one subclass of this: green means finished. The parts:
/// this one, how tests speak; then Accepting, Leasing, Settling, Operating and Enduring.
/// </summary>
public abstract partial class QueueStoreContract : IAsyncLifetime
{
    private static readonly TimeSpan s_leaseFor = TimeSpan.FromMinutes(10);
    private IQueueStore? _store;

    private protected TestClock Clock { get; } = new();

    private protected RecordingLogger Logger { get; } = new();

    private protected QueueOptions Options { get; } = new() { InlineOctets = 4096, MinFreeOctets = 0 };

    private protected IQueueStore Store => _store!;

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private DateTimeOffset Now => Clock.GetUtcNow();

    public async ValueTask InitializeAsync()
    {
        _store = Create();
        await _store.OpenAsync(StoreAccess.Daemon, Token);
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        CleanUp();
        GC.SuppressFinalize(this);
    }

    /// <summary>A store over the same mail, not yet open.</summary>
    private protected abstract IQueueStore Create();

    /// <summary>A store over the mail as it would be found had the process been killed this moment, not yet open.</summary>
    private protected abstract IQueueStore CreateAfterAbruptStop();

    /// <summary>Waits until a store that was just opened has cleared away what an earlier owner left behind.</summary>
    private protected abstract Task SweptAsync(IQueueStore store);

    /// <summary>Changes one octet of what is stored of a message's content.</summary>
    private protected abstract void DamageContent(QueueId id);

    /// <summary>Changes one octet of what is stored of its envelope.</summary>
    private protected abstract void DamageEnvelope(QueueId id);

    /// <summary>How many octets the store takes on disk.</summary>
    private protected abstract long OctetsOnDisk();

    private protected abstract void CleanUp();

    private protected async Task ReopenAsync(bool abruptly)
    {
        IQueueStore next;
        if (abruptly)
        {
            next = CreateAfterAbruptStop();
            await Store.DisposeAsync();
        }
        else
        {
            await Store.DisposeAsync();
            next = Create();
        }

        _store = next;
        await next.OpenAsync(StoreAccess.Daemon, Token);
    }

    private protected NewMessage Letter(string sender = "cron@web1.example.net", params string[] recipients) => new()
    {
        Envelope = new Envelope { Sender = sender.Length == 0 ? null : Box(sender) },
        Recipients = [.. (recipients.Length == 0 ? ["ops@example.net"] : recipients).Select(address => new Recipient(Box(address)))],
        ReceivedAt = Now,
        ExpiresAt = Now + TimeSpan.FromDays(5),
        DelayNoticeAt = Now + TimeSpan.FromHours(4),
        Origin = "root (uid 0)",
        MessageId = "<1@web1.example.net>",
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        HeaderOctets = 10,
    };

    private protected static Mailbox Box(string address)
    {
        int at = address.LastIndexOf('@');
        return new Mailbox(address[..at], address[(at + 1)..]);
    }

    /// <summary>Octets that differ at every place.</summary>
    private protected static byte[] Octets(int count, int seed = 1)
    {
        byte[] octets = new byte[count];
        new Random(seed).NextBytes(octets);
        return octets;
    }

    private protected async Task<PreparedMessage> PrepareAsync(NewMessage message, byte[]? content = null)
    {
        await using IMessageWriter writer = Store.BeginMessage(QueueId.Next(Clock));
        await writer.WriteAsync(content ?? Octets(1000), Token);
        return await writer.CompleteAsync(message, Token);
    }

    private protected async Task<CommitResult> CommitAsync(NewMessage message, byte[]? content = null, bool lease = false)
    {
        await using PreparedMessage prepared = await PrepareAsync(message, content);
        return await Store.CommitAsync(prepared, lease, Token);
    }

    /// <summary>Puts a message into the queue that is due now.</summary>
    private protected async Task<QueueId> AcceptAsync(NewMessage message, byte[]? content = null)
    {
        await using PreparedMessage prepared = await PrepareAsync(message, content);
        CommitResult result = await Store.CommitAsync(prepared, lease: false, Token);
        Assert.Equal(CommitStatus.Committed, result.Status);
        return prepared.Id;
    }

    private protected async Task<QueueLease> AcceptLeasedAsync(NewMessage message, byte[]? content = null)
    {
        CommitResult result = await CommitAsync(message, content, lease: true);
        Assert.Equal(CommitStatus.Committed, result.Status);
        return result.Lease!;
    }

    private protected ValueTask<IReadOnlyList<QueueLease>> LeaseAsync(int limit = 100) =>
        Store.LeaseDueAsync(MailRoute.Smarthost, Now, limit, s_leaseFor, Token);

    private protected async Task<QueueLease> LeaseOneAsync() => Assert.Single(await LeaseAsync());

    private protected HistoryEntry Entry(QueueLease lease, int ordinal, string outcome) => new()
    {
        Id = lease.Message.Id,
        At = Now,
        Sender = lease.Message.Envelope.Sender?.ToString() ?? "<>",
        Recipient = lease.Message.Recipients[ordinal].Recipient.Address.ToString(),
        Smarthost = "smtp.example.net:465",
        Stage = "EndOfData",
        Outcome = outcome,
        Reply = "250 2.0.0 Ok",
        Tls = "TLSv1.3",
        Delay = TimeSpan.FromSeconds(2),
    };

    private protected Settlement Delivered(QueueLease lease, params int[] ordinals) => new()
    {
        Lease = lease,
        Recipients = [.. Ordinals(lease, ordinals).Select(ordinal =>
            new RecipientSettlement(ordinal, RecipientState.Delivered, 1, default, "250 2.0.0 Ok"))],
        History = [.. Ordinals(lease, ordinals).Select(ordinal => Entry(lease, ordinal, "delivered"))],
    };

    private protected Settlement Deferred(QueueLease lease, TimeSpan wait, params int[] ordinals) => new()
    {
        Lease = lease,
        Recipients = [.. Ordinals(lease, ordinals).Select(ordinal =>
            new RecipientSettlement(ordinal, RecipientState.Waiting, 1, Now + wait, "451 4.7.1 Later"))],
        History = [.. Ordinals(lease, ordinals).Select(ordinal => Entry(lease, ordinal, "deferred"))],
    };

    private static IEnumerable<int> Ordinals(QueueLease lease, int[] ordinals) =>
        ordinals.Length > 0 ? ordinals : lease.Due.Select(recipient => recipient.Ordinal);

    private protected async Task<QueuedMessage> ShowAsync(QueueId id) =>
        Assert.Single(await Store.ListAsync(new QueueSelection { Ids = [id] }, Token).ToListAsync(Token));

    private protected async Task<List<QueueId>> IdsAsync(QueueSelection selection) =>
        await Store.ListAsync(selection, Token).Select(message => message.Id).ToListAsync(Token);

    private protected Task<List<HistoryEntry>> HistoryAsync(QueueId id) => HistoryAsync(new HistorySelection(id));

    private protected async Task<List<HistoryEntry>> HistoryAsync(HistorySelection selection) =>
        await Store.HistoryAsync(selection, Token).ToListAsync(Token);

    private protected static byte[] Read(MessageContent content)
    {
        using Stream stream = content.OpenRead();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
