using System.Diagnostics;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Integration.Queue;

/// <summary>The SQLite store keeps every promise of the contract.</summary>
public sealed class SqliteQueueStoreTests : QueueStoreContract
{
    private readonly TemporaryFolder _folder = new();
    private string _current = "queue";

    private protected override IQueueStore Create()
    {
        Options.Path = _folder[_current];
        return new SqliteQueueStore(Options, Clock, Logger);
    }

    /// <summary>What a killed process leaves: the files as they are. The shared memory is not among them, because a new process
    /// rebuilds it.</summary>
    private protected override IQueueStore CreateAfterAbruptStop()
    {
        string from = _folder[_current];
        _current += "+";
        string to = _folder[_current];
        using (Process copy = Process.Start("cp", ["-a", from, to]))
        {
            copy.WaitForExit();
            Assert.Equal(0, copy.ExitCode);
        }

        File.Delete(Path.Combine(to, "queue.db-shm"));
        return Create();
    }

    private protected override Task SweptAsync(IQueueStore store) => ((SqliteQueueStore)store).Swept;

    private protected override void DamageContent(QueueId id)
    {
        string file = Path.Combine(_folder[_current], "bodies", id.ToString());
        if (!File.Exists(file))
        {
            Execute($"UPDATE body SET octets = substr(octets, 1, 500) || x'00ff00' || substr(octets, 504) WHERE id = {id.Value}");
            return;
        }

        using FileStream stream = File.Open(file, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        stream.Position = stream.Length - 1000;
        int octet = stream.ReadByte();
        stream.Position--;
        stream.WriteByte((byte)(octet ^ 1));
    }

    private protected override void DamageEnvelope(QueueId id) => Execute(
        $"UPDATE message SET envelope = substr(envelope, 1, 6) || x'7f' || substr(envelope, 8) WHERE id = {id.Value}");

    private protected override long OctetsOnDisk() => Directory
        .EnumerateFiles(_folder[_current], "*", SearchOption.AllDirectories)
        .Where(file => !file.EndsWith("-wal", StringComparison.Ordinal) || new FileInfo(file).Length > 16 * 1024 * 1024)
        .Sum(file => new FileInfo(file).Length);

    private protected override void CleanUp() => _folder.Dispose();

    /// <summary>Steps of SQLite's virtual machine, since a test of time would be one of the machine it runs on: a statement that looked through
    /// the queue would take a hundred thousand.</summary>
    [Fact]
    public async Task D17_Taking_a_message_and_finding_one_that_is_due_cost_the_same_however_long_the_queue_is()
    {
        QueueId id = await AcceptAsync(Letter());
        (long taking, long finding) = await StepsAsync();
        Execute(
            $"""
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
            INSERT INTO message
            SELECT id - i, due_at, overdue_at, lease_token, lease_until, octets, waiting, held, parked, deferred, damaged, envelope, recipients,
                   address_bits, local_due_at
              FROM message, n WHERE id = {id.Value}
            """);

        (long takingThen, long findingThen) = await StepsAsync();

        Assert.InRange(taking, 10, 1000);
        Assert.InRange(finding, 10, 1000);
        Assert.InRange(takingThen, taking, taking + 10);
        Assert.InRange(findingThen, finding, finding + 10);
    }

    /// <summary>Pages, each of which is logged at once and copied later: rows with keys as good as random would change two of their own each.</summary>
    [Fact]
    public void D17_What_becomes_of_messages_is_written_into_few_pages_however_long_the_history_is()
    {
        Execute(
            """
            WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
            INSERT INTO history (message_id, at, sender_key, recipient_key, sender, recipient, smarthost, stage, outcome, reply, tls, delay)
            SELECT i, i, random(), random(), 'a@example.net', 'b@example.org', '', '', 'delivered', '', '', 0 FROM n
            """);
        using var ledger = new Ledger(Path.Combine(_folder[_current], "queue.db"));
        ledger.Database.PagesWritten();
        ledger.Begin();
        for (int i = 0; i < 50; i++)
        {
            ledger.History.Add(new HistoryEntry
            {
                Id = QueueId.Next(Clock),
                At = Clock.GetUtcNow(),
                Sender = $"app{i}@example.net",
                Recipient = $"user{i}@example.org",
                Stage = "EndOfData",
                Outcome = "delivered",
            });
        }

        ledger.Commit();

        Assert.InRange(ledger.Database.PagesWritten(), 5, 50);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(300_000)]
    public async Task Who_has_waited_too_long_for_a_commit_is_refused_and_the_message_is_not_there_when_it_goes_on(int octets)
    {
        await using PreparedMessage prepared = await PrepareAsync(Letter(), Octets(octets));
        ValueTask<CommitResult> commit;
        using (SqliteDatabase other = SqliteDatabase.Open(Path.Combine(_folder[_current], "queue.db"), readOnly: false))
        {
            other.Execute("BEGIN IMMEDIATE");
            commit = Store.CommitAsync(prepared, lease: false, Token);
            Clock.Advance(Options.DiskTimeout);

            CommitResult result = await commit;
            Assert.Equal((CommitStatus.Failed, "the disk has not answered for 30 s"), (result.Status, result.Reason));
            Assert.Equal(StoreHealth.Suspect, Store.Health);
            other.Execute("ROLLBACK");
        }

        // What is asked behind it is done behind it.
        Assert.Null(await Store.ProbeAsync(Token));
        Assert.Empty(await IdsAsync(QueueSelection.All));
        Assert.Equal(StoreHealth.Ready, Store.Health);
    }

    [Fact]
    public async Task What_must_stay_free_may_change_while_it_is_open()
    {
        var options = new QueueOptions { Path = _folder["other"], MinFreeOctets = 0 };
        await using var store = new SqliteQueueStore(() => options, Clock, Logger);
        await store.OpenAsync(StoreAccess.Daemon, Token);
        Assert.Equal(StoreHealth.Ready, store.Health);

        options = new QueueOptions { Path = _folder["other"], MinFreeOctets = 1L << 50 };

        Assert.Equal(StoreHealth.Full, store.Health);
    }

    /// <summary>What it costs to put a message in, and to find the one that has been due longest.</summary>
    private async Task<(long Taking, long Finding)> StepsAsync()
    {
        await using PreparedMessage prepared = await PrepareAsync(Letter());
        using var ledger = new Ledger(Path.Combine(_folder[_current], "queue.db"));
        long steps = 0;
        ledger.Database.OnProgress(1, () => ++steps > 0);
        ledger.Begin();
        new AcceptWork((SqlitePreparedMessage)prepared, lease: null).Run(ledger);
        long taking = steps;
        Assert.Single(ledger.Messages.Due(MailRoute.Smarthost, Clock.GetUtcNow().UtcTicks, 1));
        ledger.Rollback();
        return (taking, steps - taking);
    }

    private void Execute(string sql)
    {
        using SqliteDatabase database = SqliteDatabase.Open(Path.Combine(_folder[_current], "queue.db"), readOnly: false);
        database.Execute("PRAGMA busy_timeout = 10000");
        database.Execute(sql);
    }
}
