using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Integration.Queue;

/// <summary>
/// A database file that is not what was written: flipped bits, foreign pages, a cut end, another file altogether. What can still be
/// read goes on as if nothing had been, what cannot is set aside under its id, and nothing is delivered altered.
/// </summary>
public sealed class DamagedStoreTests : IAsyncLifetime
{
    private const int Messages = 120;
    private const int PageOctets = 4096;
    private readonly TemporaryFolder _folder = new();
    private readonly TestClock _clock = new(TimeProvider.System.GetUtcNow());
    private readonly RecordingLogger _logger = new();
    private readonly Dictionary<QueueId, byte[]> _accepted = [];
    private SqliteQueueStore _store = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Queue => _folder["queue"];

    private string Database => Path.Combine(Queue, "queue.db");

    public async ValueTask InitializeAsync()
    {
        await OpenAsync();
        foreach (int[] together in Enumerable.Range(0, Messages).Chunk(40))
        {
            await Task.WhenAll(together.Select(seed => AcceptAsync(seed)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]       // an id
    [InlineData(13)]      // found while settling
    [InlineData(39)]      // the time in an index
    public async Task Flipped_bits_cost_the_messages_they_are_in_and_no_other(int seed)
    {
        await _store.DisposeAsync();
        var random = new Random(seed);
        Change(file =>
        {
            for (int i = 0; i < 10; i++)
            {
                file.Position = random.NextInt64(file.Length);
                int octet = file.ReadByte();
                file.Position--;
                file.WriteByte((byte)(octet ^ (1 << random.Next(8))));
            }
        });

        await OpenAsync();

        // Ten bits, each in one message at most; or in a page that many share, none of which may then be forgotten.
        await AssertNobodyIsForgottenAsync();
    }

    [Fact]
    public async Task Any_one_page_overwritten_loses_nobody_from_sight()
    {
        await _store.DisposeAsync();
        byte[] whole = await File.ReadAllBytesAsync(Database, Token);

        // Every page on which tables and indexes begin, and one in ten of the others.
        for (int page = 0; page < whole.Length / PageOctets; page += page < 20 ? 1 : 10)
        {
            Directory.Delete(Queue, recursive: true);
            Directory.CreateDirectory(Queue, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            byte[] damaged = [.. whole];
            new Random(page).NextBytes(damaged.AsSpan(page * PageOctets, PageOctets));
            await File.WriteAllBytesAsync(Database, damaged, Token);

            await OpenAsync();
            await AssertNobodyIsForgottenAsync();
            await _store.DisposeAsync();
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(PageOctets)]
    [InlineData(20 * PageOctets)]
    [InlineData((60 * PageOctets) + 7)]
    public async Task A_database_cut_short_opens_with_what_is_left_and_takes_mail(int octets)
    {
        await _store.DisposeAsync();
        Change(file => file.SetLength(octets));

        await OpenAsync();

        Assert.Contains(_logger.Entries, entry => entry.Text.Contains("is damaged, and is being mended", StringComparison.Ordinal));
        if (octets >= 20 * PageOctets)
        {
            // The indexes are there, which name everybody.
            await AssertNobodyIsForgottenAsync();
        }
        else
        {
            List<QueueId> delivered = await DeliverAsync();
            Assert.NotEmpty(_accepted.Keys.Except(delivered).Except((await ListAsync()).Select(message => message.Id)));
            Assert.Contains(_logger.Entries, entry => entry.Level == LogLevel.Error && entry.Text.Contains("how many messages stood in it cannot be read any more; ", StringComparison.Ordinal));
        }

        await AcceptAsync(Messages);
        Assert.Single(await LeaseAsync());
    }

    [Fact]
    public async Task An_index_that_names_a_message_which_is_not_there_stops_nobody()
    {
        QueueId gone = _accepted.Keys.First();
        await _store.DisposeAsync();
        long page;
        string definition;
        using (SqliteDatabase database = SqliteDatabase.Open(Database, readOnly: false))
        {
            page = database.QueryInt64("SELECT rootpage FROM sqlite_schema WHERE name = 'message_due'");
            definition = database.QueryText("SELECT sql FROM sqlite_schema WHERE name = 'message_due'");
            database.Execute("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = 'message_due'");
        }

        // It is not brought up to date, because nobody knows of it.
        using (SqliteDatabase database = SqliteDatabase.Open(Database, readOnly: false))
        {
            database.Execute($"DELETE FROM message WHERE id = {gone.Value}; PRAGMA writable_schema = ON");
            database.Execute(
                $"INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) VALUES ('index', 'message_due', 'message', {page}, '{definition.Replace("'", "''", StringComparison.Ordinal)}')");
        }

        await OpenAsync();

        await AssertNobodyIsForgottenAsync();
        Assert.Contains(_logger.Entries, entry => entry.Text.Contains($"an index names {gone}, and there is no such message", StringComparison.Ordinal));
    }

    /// <summary>SQLite reads a log up to the first frame without its checksum, and no further.</summary>
    [Fact]
    public async Task A_log_damaged_in_the_middle_forgets_nobody_behind_the_damage()
    {
        byte[] log = await LeaveLogAsync();
        log[log.AsSpan().LastIndexOfAnyExcept((byte)0) / 3] ^= 1;
        await File.WriteAllBytesAsync(Database + "-wal", log, Token);

        await OpenAsync();

        await AssertNobodyIsForgottenAsync();
        Assert.Contains(_logger.Entries, entry => entry.Text.Contains("its log is damaged before frame", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Before_a_damaged_log_is_mended_no_command_may_throw_it_away()
    {
        byte[] log = await LeaveLogAsync();
        log[log.AsSpan().LastIndexOfAnyExcept((byte)0) / 3] ^= 1;
        await File.WriteAllBytesAsync(Database + "-wal", log, Token);
        await using var command = new SqliteQueueStore(new QueueOptions { Path = Queue }, _clock, _logger);

        QueueUnavailableException refusal =
            await Assert.ThrowsAsync<QueueUnavailableException>(async () => await command.OpenAsync(StoreAccess.Operator, Token));

        Assert.Contains("start the relay", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(log, await File.ReadAllBytesAsync(Database + "-wal", Token));
    }

    [Fact]
    public async Task A_log_whose_last_transaction_is_torn_was_left_by_a_crash_and_is_not_damaged()
    {
        byte[] log = await LeaveLogAsync();
        log[log.AsSpan().LastIndexOfAnyExcept((byte)0) - 100] ^= 1;
        await File.WriteAllBytesAsync(Database + "-wal", log, Token);

        await OpenAsync();

        Assert.Equal(Messages + 9, (await DeliverAsync()).Count);
        Assert.DoesNotContain(_logger.Entries, entry => entry.Text.Contains("damaged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Another_file_in_its_place_is_kept_and_does_not_keep_the_relay_from_starting()
    {
        await _store.DisposeAsync();
        await File.WriteAllTextAsync(Database, "This is no database.", Token);

        await OpenAsync();

        await AcceptAsync(Messages);
        Assert.Single(await LeaseAsync());
        string kept = Assert.Single(Directory.EnumerateDirectories(Queue, "damaged-*"));
        Assert.Equal("This is no database.", await File.ReadAllTextAsync(Path.Combine(kept, "queue.db"), Token));
    }

    [Fact]
    public async Task A_database_that_is_gone_is_noticed_by_the_bodies_it_left_and_none_is_deleted()
    {
        QueueId large = await AcceptAsync(Messages, 100_000);
        await _store.DisposeAsync();
        File.Delete(Database);

        await OpenAsync();
        await _store.Swept;

        QueuedMessage aside = Assert.Single(await ListAsync());
        Assert.Equal((large, true), (aside.Id, aside.IsDamaged));
        Assert.True(File.Exists(Path.Combine(Queue, "bodies", large.ToString())));
    }

    [Theory]
    [InlineData(nameof(StoreAccess.Operator))]
    [InlineData(nameof(StoreAccess.Submitter))]
    public async Task Where_mending_was_interrupted_nobody_but_the_relay_makes_a_queue(string who)
    {
        StoreAccess access = Enum.Parse<StoreAccess>(who);
        await _store.DisposeAsync();
        File.Move(Database, Database + ".mended");
        await using var command = new SqliteQueueStore(new QueueOptions { Path = Queue }, _clock, _logger);

        QueueUnavailableException refusal = await Assert.ThrowsAsync<QueueUnavailableException>(async () => await command.OpenAsync(access, Token));

        Assert.Contains("start the relay", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Database));
        await OpenAsync();
        await AssertNobodyIsForgottenAsync();
    }

    [Fact]
    public async Task Damage_found_while_the_store_is_open_is_mended_under_it_and_leases_stay_good()
    {
        await ReopenAsync();
        QueueLease held = await AcceptLeasedAsync(Messages);
        await ZeroPageOfAsync("message_due");

        // Whoever comes upon it gets nothing; whoever comes next, everything.
        Assert.Empty(await LeaseAsync());
        Assert.Equal(Messages, (await LeaseAsync()).Count);

        Assert.Equal(StoreHealth.Ready, _store.Health);
        Assert.Equal(SettleResult.Settled, await SettleAsync(held));
        QueueTotals totals = await _store.TotalsAsync(Token);
        Assert.Equal((Messages, 0, Messages), (totals.Messages, totals.Waiting, totals.InDelivery));
    }

    [Fact]
    public async Task Damage_that_a_reader_finds_is_mended_too()
    {
        await ReopenAsync();
        await ZeroPageOfAsync("message_due");

        await Assert.ThrowsAsync<QueueUnavailableException>(async () => await _store.NextDueAsync(MailRoute.Smarthost, Token));

        Assert.Equal(Messages, (await LeaseAsync()).Count);
        Assert.NotNull(await _store.NextDueAsync(MailRoute.Smarthost, Token));
    }

    [Fact]
    public async Task A_mended_database_that_was_not_put_in_its_place_is_found_and_put_there()
    {
        await _store.DisposeAsync();
        File.Move(Database, Database + ".mended");
        await File.WriteAllTextAsync(Database, "the damaged one", Token);
        await File.WriteAllTextAsync(Database + "-wal", "its log", Token);

        await OpenAsync();

        Assert.Equal(Messages, (await DeliverAsync()).Count);
        string kept = Assert.Single(Directory.EnumerateDirectories(Queue, "damaged-*"));
        Assert.Equal("the damaged one", await File.ReadAllTextAsync(Path.Combine(kept, "queue.db"), Token));
        Assert.Equal("its log", await File.ReadAllTextAsync(Path.Combine(kept, "queue.db-wal"), Token));
    }

    [Fact]
    public async Task A_command_does_not_mend_but_says_who_does()
    {
        await _store.DisposeAsync();
        await File.WriteAllTextAsync(Database, "This is no database, and that is all it has to say.", Token);
        await using var command = new SqliteQueueStore(new QueueOptions { Path = Queue }, _clock, _logger);

        QueueUnavailableException refusal =
            await Assert.ThrowsAsync<QueueUnavailableException>(async () => await command.OpenAsync(StoreAccess.Operator, Token));

        Assert.Contains("start the relay", refusal.Message, StringComparison.Ordinal);
        Assert.Equal("This is no database, and that is all it has to say.", await File.ReadAllTextAsync(Database, Token));
    }

    private async Task OpenAsync()
    {
        _store = new SqliteQueueStore(
            new QueueOptions { Path = Queue, InlineOctets = 16 * 1024, MinFreeOctets = 0 }, _clock, _logger);
        await _store.OpenAsync(StoreAccess.Daemon, Token);
    }

    /// <summary>What a killed relay leaves: the database, and the log with all that was not copied into it yet. Copied by another process, as
    /// <see cref="ZeroPageOfAsync"/> says.</summary>
    /// <returns>The log, with ten transactions of one message at its end.</returns>
    private async Task<byte[]> LeaveLogAsync()
    {
        for (int seed = Messages; seed < Messages + 10; seed++)
        {
            await AcceptAsync(seed, 1000);
        }

        await ChildProcess.RunAsync("cp", [Database, Database + "-wal", _folder.Path]);
        await _store.DisposeAsync();
        File.Move(_folder["queue.db"], Database, overwrite: true);
        byte[] log = await File.ReadAllBytesAsync(_folder["queue.db-wal"], Token);
        await File.WriteAllBytesAsync(Database + "-wal", log, Token);
        return log;
    }

    /// <summary>Everything is in the database file then, and nothing in memory.</summary>
    private async Task ReopenAsync()
    {
        await _store.DisposeAsync();
        await OpenAsync();
    }

    private Task<QueueId> AcceptAsync(int seed) => AcceptAsync(seed, 100 + (seed * 50));

    private async Task<QueueId> AcceptAsync(int seed, int octets) => (await CommitAsync(seed, octets, lease: false)).Id;

    private async Task<QueueLease> AcceptLeasedAsync(int seed) => (await CommitAsync(seed, 1000, lease: true)).Lease!;

    private async Task<(QueueId Id, QueueLease? Lease)> CommitAsync(int seed, int octets, bool lease)
    {
        byte[] content = new byte[octets];
        new Random(seed).NextBytes(content);
        await using IMessageWriter writer = _store.BeginMessage(QueueId.Next(_clock));
        await writer.WriteAsync(content, Token);
        DateTimeOffset now = _clock.GetUtcNow();
        await using PreparedMessage prepared = await writer.CompleteAsync(
            new NewMessage
            {
                Envelope = new Envelope { Sender = new Mailbox("cron", "web1.example.net") },
                Recipients = [new Recipient(new Mailbox("ops", "example.net"))],
                ReceivedAt = now,
                ExpiresAt = now + TimeSpan.FromDays(5),
            },
            Token);
        CommitResult result = await _store.CommitAsync(prepared, lease, Token);
        Assert.Equal(CommitStatus.Committed, result.Status);
        lock (_accepted)
        {
            _accepted.Add(writer.Id, content);
        }

        return (writer.Id, result.Lease);
    }

    private ValueTask<IReadOnlyList<QueueLease>> LeaseAsync(int limit = 1000) =>
        _store.LeaseDueAsync(MailRoute.Smarthost, _clock.GetUtcNow(), limit, TimeSpan.FromMinutes(5), Token);

    private ValueTask<SettleResult> SettleAsync(QueueLease lease) => _store.SettleAsync(
        new Settlement { Lease = lease, Recipients = [new RecipientSettlement(0, RecipientState.Delivered, 1, default, "250 Ok")] },
        Token);

    private async Task<List<QueuedMessage>> ListAsync() => await _store.ListAsync(QueueSelection.All, Token).ToListAsync(Token);

    /// <summary>Every message that was accepted is delivered unaltered, or set aside with an error in the log.</summary>
    private async Task AssertNobodyIsForgottenAsync()
    {
        List<QueueId> delivered = await DeliverAsync();
        List<QueuedMessage> aside = await ListAsync();
        string log = string.Join('\n', _logger.Entries.Select(entry => entry.Text));
        Assert.True(aside.TrueForAll(message => message.IsDamaged || message.Recipients[0].State == RecipientState.Parked), log);
        Assert.All(aside, message => Assert.Contains($"{message.Id}: set aside", log, StringComparison.Ordinal));

        // An id may itself be damaged, and then stands there beside the true one: there can be more, but none less.
        Assert.Empty(_accepted.Keys.Except(delivered).Except(aside.Select(message => message.Id)));
    }

    /// <summary>Delivers what is to be delivered, and sees that it is what was accepted.</summary>
    private async Task<List<QueueId>> DeliverAsync()
    {
        // The first to come upon damage gets nothing; the next one does. Who is forgotten by one index stands in the other, and is
        // late but found.
        var delivered = new List<QueueId>();
        for (int day = 0; day < 10; day++)
        {
            delivered.AddRange(await DeliverAsync(await LeaseAsync()));
            delivered.AddRange(await DeliverAsync(
                await _store.LeaseOverdueAsync(_clock.GetUtcNow(), 1000, TimeSpan.FromMinutes(5), Token)));
            _clock.Advance(TimeSpan.FromDays(1));
        }

        return delivered;
    }

    private async Task<List<QueueId>> DeliverAsync(IReadOnlyList<QueueLease> leases)
    {
        foreach (QueueLease lease in leases)
        {
            Assert.Equal(_accepted[lease.Message.Id], Assert.IsType<MemoryContent>(lease.Content).Memory.ToArray());
            Assert.Equal("ops@example.net", Assert.Single(lease.Due).Recipient.Address.ToString());
            if (await SettleAsync(lease) != SettleResult.Settled)
            {
                Assert.Equal(SettleResult.Settled, await SettleAsync(lease));
            }
        }

        return [.. leases.Select(lease => lease.Message.Id)];
    }

    private void Change(Action<FileStream> change)
    {
        using FileStream file = File.Open(Database, FileMode.Open);
        change(file);
    }

    /// <summary>Overwrites the page where a table or index begins, from another process: our own must not open and close the file, or
    /// SQLite's locks on it are gone.</summary>
    private async Task ZeroPageOfAsync(string name)
    {
        long page;
        using (SqliteDatabase database = SqliteDatabase.Open(Database, readOnly: true))
        {
            page = database.QueryInt64($"SELECT rootpage FROM sqlite_schema WHERE name = '{name}'");
        }

        using Process zero = Process.Start(
            "dd",
            [
                "if=/dev/zero", $"of={Database}", "bs=4096", "count=1", "conv=notrunc", "status=none",
                string.Create(CultureInfo.InvariantCulture, $"seek={page - 1}"),
            ]);
        await zero.WaitForExitAsync(Token);
        Assert.Equal(0, zero.ExitCode);
    }
}
