using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Integration.Queue;

/// <summary>The folder of the SQLite store: whose it is, who may read it, and what is said when it cannot be used.</summary>
public sealed class StoreFilesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Queue => _folder["queue"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Everything_in_it_is_its_owners_alone()
    {
        await using SqliteQueueStore store = await OpenAsync(StoreAccess.Daemon);
        await using PreparedMessage message = await PrepareAsync(store);
        await store.CommitAsync(message, lease: false, Token);

        const UnixFileMode ReadWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        string[] files = Directory.GetFiles(Queue, "*", SearchOption.AllDirectories);
        Assert.All(files, file => Assert.Equal(ReadWrite, File.GetUnixFileMode(file)));
        Assert.All(
            Directory.GetDirectories(Queue, "*", SearchOption.AllDirectories).Append(Queue),
            folder => Assert.Equal(ReadWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder)));
        Assert.Superset(
            new HashSet<string?> { "queue.db", "queue.db-wal", "owner", message.Id.ToString() },
            new HashSet<string?>(files.Select(Path.GetFileName)));
    }

    [Fact]
    public async Task What_root_puts_into_it_belongs_to_the_folders_owner()
    {
        // As root the folder is given to somebody else first; as anybody else it is one's own, and stays it.
        Directory.CreateDirectory(Queue, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        uint owner = FileOwner.Ourselves;
        if (Environment.IsPrivilegedProcess)
        {
            owner = 12345;
            Assert.Equal(0, (await ChildProcess.RunAsync("chown", ["12345:12345", Queue])).Status);
        }

        await using SqliteQueueStore store = await OpenAsync(StoreAccess.Daemon);
        await using PreparedMessage message = await PrepareAsync(store);
        await store.CommitAsync(message, lease: false, Token);

        Assert.All(
            Directory.GetFileSystemEntries(Queue, "*", SearchOption.AllDirectories),
            entry => Assert.True(owner == FileOwner.Of(entry), $"{entry} belongs to {FileOwner.Of(entry)}"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]      // the log and its index stay, for members cannot make them in the folder
    public async Task What_lets_its_group_in_is_the_groups_to_use_whether_a_relay_runs_or_not(bool hasStopped)
    {
        await ShareAsync();
        await using SqliteQueueStore store = await OpenAsync(StoreAccess.Daemon);
        await using PreparedMessage message = await PrepareAsync(store);
        await store.CommitAsync(message, lease: false, Token);
        if (hasStopped)
        {
            await store.DisposeAsync();
        }

        string[] files = ["queue.db", "queue.db-wal", "queue.db-shm", "bodies", $"bodies/{message.Id}"];
        string script = string.Concat(files.Select(file => $"test -r {Queue}/{file} && test -w {Queue}/{file} || echo {file};")) + $"test -x {Queue}/bodies || echo bodies";

        Assert.Equal((0, ""), await AsMemberAsync("sh", "-c", script));
    }

    [Fact]
    public async Task A_queue_that_was_its_owners_alone_is_shared_when_a_relay_starts_in_a_folder_that_is_not()
    {
        await using (SqliteQueueStore own = await OpenAsync(StoreAccess.Daemon))
        {
            await using PreparedMessage message = await PrepareAsync(own);
            await own.CommitAsync(message, lease: false, Token);
        }

        await ShareAsync();
        await (await OpenAsync(StoreAccess.Daemon)).DisposeAsync();

        Assert.Equal((0, ""), await AsMemberAsync("sh", "-c", $"test -w {Queue}/queue.db || echo queue.db"));
    }

    [Fact]
    public async Task A_log_that_stays_is_empty_once_the_relay_has_stopped_and_gone_where_nobody_shares_it()
    {
        foreach (bool isShared in (bool[])[false, true])
        {
            await using (SqliteQueueStore store = await OpenAsync(StoreAccess.Daemon))
            {
                await using PreparedMessage message = await PrepareAsync(store);
                await store.CommitAsync(message, lease: false, Token);
                await using SqliteQueueStore beside = await OpenAsync(StoreAccess.Operator);
            }

            Assert.Equal(isShared, File.Exists(Path.Combine(Queue, "queue.db-wal")));
            Assert.True(!isShared || new FileInfo(Path.Combine(Queue, "queue.db-wal")).Length == 0);
            await ShareAsync();
        }
    }

    [Fact]
    public async Task A_command_finds_no_queue_where_there_is_none_and_makes_none()
    {
        QueueUnavailableException refusal =
            await Assert.ThrowsAsync<QueueUnavailableException>(() => OpenAsync(StoreAccess.Operator));

        Assert.Contains("it is made when the relay first starts", refusal.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Queue));
    }

    [Fact]
    public async Task Whoever_brings_the_first_mail_makes_the_queue_in_a_folder_that_is_there()
    {
        await Assert.ThrowsAsync<QueueUnavailableException>(() => OpenAsync(StoreAccess.Submitter));
        Assert.False(Directory.Exists(Queue));

        MakeFolder();
        await BringAsync();
        await using SqliteQueueStore relay = await OpenAsync(StoreAccess.Daemon);

        Assert.Equal(1, (await relay.TotalsAsync(Token)).Messages);
    }

    [Fact]
    public async Task Many_may_bring_the_first_mail_while_the_relay_starts_for_the_first_time()
    {
        for (int round = 0; round < 10; round++)
        {
            MakeFolder();
            Task[] programs = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(BringAsync))];
            await using (SqliteQueueStore relay = await Task.Run(() => OpenAsync(StoreAccess.Daemon)))
            {
                await Task.WhenAll(programs);

                Assert.Equal(4, (await relay.TotalsAsync(Token)).Messages);
            }

            Directory.Delete(Queue, recursive: true);
        }
    }

    /// <summary>A relay mends what can be mended; an empty queue in its place would have it lost.</summary>
    [Fact]
    public async Task A_queue_whose_database_is_lost_is_not_begun_anew_for_one_mail()
    {
        await using (SqliteQueueStore store = await OpenAsync(StoreAccess.Daemon))
        {
            await using PreparedMessage message = await PrepareAsync(store);
            await store.CommitAsync(message, lease: false, Token);
        }

        File.Delete(Path.Combine(Queue, "queue.db"));

        QueueUnavailableException refusal = await Assert.ThrowsAsync<QueueUnavailableException>(() => OpenAsync(StoreAccess.Submitter));
        Assert.Contains("start the relay, which mends what can be mended", refusal.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(Queue, "queue.db")));
    }

    [Fact]
    public async Task A_folder_that_others_may_enter_is_refused_with_the_chmod_to_type()
    {
        await (await OpenAsync(StoreAccess.Daemon)).DisposeAsync();
        File.SetUnixFileMode(Queue, File.GetUnixFileMode(Queue) | UnixFileMode.OtherWrite);

        foreach (StoreAccess access in (StoreAccess[])[StoreAccess.Daemon, StoreAccess.Operator])
        {
            QueueUnavailableException refusal = await Assert.ThrowsAsync<QueueUnavailableException>(() => OpenAsync(access));
            Assert.Contains($"chmod 0700 {Queue}", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_queue_of_a_later_version_is_left_alone()
    {
        await (await OpenAsync(StoreAccess.Daemon)).DisposeAsync();
        Execute("PRAGMA user_version = 999");

        foreach (StoreAccess access in (StoreAccess[])[StoreAccess.Daemon, StoreAccess.Operator])
        {
            QueueUnavailableException refusal = await Assert.ThrowsAsync<QueueUnavailableException>(() => OpenAsync(access));
            Assert.Contains("a later version of relayproxy (schema 999", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_store_that_could_not_be_opened_is_free_for_the_next()
    {
        await (await OpenAsync(StoreAccess.Daemon)).DisposeAsync();
        Execute("PRAGMA user_version = 999");
        await Assert.ThrowsAsync<QueueUnavailableException>(() => OpenAsync(StoreAccess.Daemon));
        Execute($"PRAGMA user_version = {Schema.Version}");

        await using SqliteQueueStore store = await OpenAsync(StoreAccess.Daemon);

        Assert.Equal(StoreHealth.Ready, store.Health);
    }

    /// <summary>As the service's folder is: another user's, if we can make it so, and open to his group.</summary>
    private async Task ShareAsync()
    {
        Directory.CreateDirectory(Queue);
        File.SetUnixFileMode(_folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
        File.SetUnixFileMode(Queue, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute);
        if (Environment.IsPrivilegedProcess)
        {
            Assert.Equal(0, (await ChildProcess.RunAsync("chown", ["-R", "12345:12345", Queue])).Status);
        }
    }

    /// <summary>Root becomes somebody who has nothing but the group; whoever else runs the tests owns the queue.</summary>
    private static Task<(int Status, string Output)> AsMemberAsync(params string[] command)
    {
        string[] whole = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=65534", "--regid=65534", "--groups=12345", .. command] : command;
        return ChildProcess.RunAsync(whole[0], whole[1..]);
    }

    private void MakeFolder() => Directory.CreateDirectory(Queue, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    private async Task BringAsync()
    {
        await using SqliteQueueStore store = await OpenAsync(StoreAccess.Submitter);
        await using PreparedMessage message = await PrepareAsync(store);
        Assert.Equal(CommitStatus.Committed, (await store.CommitAsync(message, lease: false, Token)).Status);
    }

    private async Task<SqliteQueueStore> OpenAsync(StoreAccess access)
    {
        var store = new SqliteQueueStore(
            new QueueOptions { Path = Queue, InlineOctets = 1000, MinFreeOctets = 0 }, TimeProvider.System, new RecordingLogger());
        try
        {
            await store.OpenAsync(access, Token);
            return store;
        }
        catch
        {
            await store.DisposeAsync();
            throw;
        }
    }

    private static async Task<PreparedMessage> PrepareAsync(SqliteQueueStore store)
    {
        await using IMessageWriter writer = store.BeginMessage(QueueId.Next(TimeProvider.System));
        await writer.WriteAsync(new byte[2000], Token);
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        return await writer.CompleteAsync(
            new NewMessage
            {
                Envelope = new Envelope(),
                Recipients = [new Recipient(new Mailbox("ops", "example.net"))],
                ReceivedAt = now,
                ExpiresAt = now + TimeSpan.FromDays(5),
            },
            Token);
    }

    private void Execute(string sql)
    {
        using SqliteDatabase database = SqliteDatabase.Open(Path.Combine(Queue, "queue.db"), readOnly: false);
        database.Execute(sql);
    }
}
