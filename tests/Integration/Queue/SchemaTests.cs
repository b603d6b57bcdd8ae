using Microsoft.Extensions.Logging;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Integration.Queue;

/// <summary>A queue that an earlier version of the program has left: its mail is found again, and what is new about the schema works for it.</summary>
public sealed class SchemaTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestClock _clock = new();
    private readonly RecordingLogger _logger = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_queue_of_the_first_schema_is_brought_up_to_date_with_all_its_mail()
    {
        QueueId waiting, held, leased;
        await using (SqliteQueueStore store = await OpenAsync())
        {
            waiting = await AcceptAsync(store, "waiting@example.org");
            held = await AcceptAsync(store, "held@example.org");
            await store.ApplyAsync(QueueAction.Hold, new QueueSelection { Ids = [held] }, _clock.GetUtcNow(), Token);
            leased = await AcceptAsync(store, "leased@example.org");
            await store.ApplyAsync(QueueAction.Delete, new QueueSelection { Ids = [await AcceptAsync(store, "deleted@example.org")] }, _clock.GetUtcNow(), Token);
        }

        OldQueue.Make(_folder["queue"], schema: 1);
        await using SqliteQueueStore today = await OpenAsync();

        Assert.Contains(_logger.Entries, entry => entry.Level == LogLevel.Information
            && entry.Text.Contains("a queue of 3 messages is brought up to date, from schema 1 to ", StringComparison.Ordinal));
        Assert.Equal([waiting, held, leased], await IdsAsync(today, QueueSelection.All));
        Assert.Equal([waiting], await IdsAsync(today, new QueueSelection { Address = "waiting@example.org" }));
        Assert.Equal([held], await IdsAsync(today, new QueueSelection { Address = "held@example.org" }));
        Assert.Equal(3, (await IdsAsync(today, new QueueSelection { Address = "@example.org" })).Count);
        Assert.Equal("deleted", Assert.Single(await today.HistoryAsync(new HistorySelection(Address: "Deleted@example.org"), Token).ToListAsync(Token)).Outcome);
        IReadOnlyList<QueueLease> leases = await today.LeaseDueAsync(MailRoute.Smarthost, _clock.GetUtcNow(), 10, TimeSpan.FromHours(1), Token);
        Assert.Equal([waiting, leased], leases.Select(lease => lease.Message.Id));
        Assert.Equal([leased], await IdsAsync(today, new QueueSelection { Address = "leased@example.org" }));
    }

    /// <summary>A damaged first page is replaced by that of a new database, which has to say the same (DamagedDatabase) of all that is read there:
    /// not of message_local_due, which knows no message that the other indexes do not.</summary>
    [Fact]
    public async Task Whatever_the_schema_was_at_first_every_table_begins_at_the_same_page()
    {
        await using (SqliteQueueStore store = await OpenAsync())
        {
            for (int i = 0; i < 200; i++)
            {
                await AcceptAsync(store, $"u{i}@example.org");
            }
        }

        string[] today = Roots();
        OldQueue.Make(_folder["queue"], schema: 1);
        await (await OpenAsync()).DisposeAsync();

        Assert.Equal(today, Roots());
    }

    private string[] Roots()
    {
        using SqliteDatabase database = SqliteDatabase.Open(_folder["queue/queue.db"], readOnly: false);
        using SqliteStatement rows = database.Prepare("SELECT name || ' ' || rootpage FROM sqlite_schema WHERE name <> 'message_local_due' ORDER BY name");
        var roots = new List<string>();
        while (rows.Step())
        {
            roots.Add(rows.Text(0));
        }

        return [.. roots];
    }

    private async Task<SqliteQueueStore> OpenAsync()
    {
        var store = new SqliteQueueStore(new QueueOptions { Path = _folder["queue"], MinFreeOctets = 0 }, _clock, _logger);
        await store.OpenAsync(StoreAccess.Daemon, Token);
        return store;
    }

    private async Task<QueueId> AcceptAsync(SqliteQueueStore store, string recipient)
    {
        await using IMessageWriter writer = store.BeginMessage(QueueId.Next(_clock));
        await writer.WriteAsync(new byte[3000], Token);
        int at = recipient.IndexOf('@', StringComparison.Ordinal);
        await using PreparedMessage prepared = await writer.CompleteAsync(
            new NewMessage
            {
                Envelope = new Envelope { Sender = new Mailbox("cron", "web1.example.net") },
                Recipients = [new Recipient(new Mailbox(recipient[..at], recipient[(at + 1)..]))],
                ReceivedAt = _clock.GetUtcNow(),
                ExpiresAt = _clock.GetUtcNow().AddDays(5),
            },
            Token);
        Assert.Equal(CommitStatus.Committed, (await store.CommitAsync(prepared, lease: false, Token)).Status);
        return prepared.Id;
    }

    private static async Task<List<QueueId>> IdsAsync(SqliteQueueStore store, QueueSelection selection) =>
        await store.ListAsync(selection, Token).Select(message => message.Id).ToListAsync(Token);
}
