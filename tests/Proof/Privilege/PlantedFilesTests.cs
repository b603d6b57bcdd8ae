using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Proof.Privilege;

/// <summary>What somebody else has put into the queue's folder: nothing there is followed, waited for, deleted or given away.</summary>
public sealed class PlantedFilesTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly TemporaryFolder _folder = new();
    private readonly RecordingLogger _log = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Queue => _folder["queue"];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("queue.db", "link")]
    [InlineData("queue.db", "dangling")]
    [InlineData("queue.db", "pipe")]
    [InlineData("queue.db", "folder")]
    [InlineData("queue.db-wal", "link")]
    [InlineData("queue.db-shm", "link")]
    [InlineData("queue.db.mended", "link")]
    [InlineData("owner", "link")]
    [InlineData("owner", "dangling")]
    [InlineData("owner", "pipe")]
    [InlineData("bodies", "link")]
    [InlineData("bodies", "pipe")]
    public async Task A_name_of_the_queues_own_that_is_something_else_stops_the_start_and_is_told(string name, string kind)
    {
        // The folder is a service user's, and whoever opens it is root: what he could reach by a link must stay as it is.
        Directory.CreateDirectory(Queue, OwnerOnly);
        await PlantAsync(Path.Combine(Queue, name), kind, isFolder: name == "bodies");
        await RunAsync("chown", "-Rh", "12345:12345", Queue);
        string before = await StateAsync(_folder["victim"], _folder["victims"]);

        foreach (StoreAccess access in Enum.GetValues<StoreAccess>())
        {
            QueueUnavailableException refusal = await Assert.ThrowsAsync<QueueUnavailableException>(() => OpenAsync(access));
            Assert.Contains($"{Path.Combine(Queue, name)} is ", refusal.Message, StringComparison.Ordinal);
            Assert.Contains($"type: rm {Path.Combine(Queue, name)}", refusal.Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, await StateAsync(_folder["victim"], _folder["victims"]));
        Assert.False(File.Exists(_folder["nowhere"]));
    }

    [Fact]
    public async Task Junk_among_the_messages_is_left_alone_and_counted()
    {
        await (await OpenAsync(StoreAccess.Daemon)).DisposeAsync();
        string bodies = Path.Combine(Queue, "bodies");
        string[] kinds = ["link", "dangling", "pipe", "folder", "device"];
        foreach (string kind in kinds)
        {
            // Under a name that a message could have, and under one that it could not.
            await PlantAsync(Path.Combine(bodies, QueueId.Next(TimeProvider.System).ToString()), kind);
            await PlantAsync(Path.Combine(bodies, $"a {kind}\nof mine"), kind);
        }

        await File.WriteAllTextAsync(Path.Combine(bodies, "empty"), "", Token);
        await File.WriteAllTextAsync(Path.Combine(bodies, "..."), "", Token);
        string before = await StateAsync(bodies, _folder["victim"]);

        await using (SqliteQueueStore store = await OpenAsync(StoreAccess.Daemon))
        {
            await store.Swept;
            await using IMessageWriter writer = store.BeginMessage(QueueId.Next(TimeProvider.System));
            await writer.WriteAsync(new byte[5000], Token);
            await writer.DisposeAsync();
        }

        Assert.Equal(before, await StateAsync(bodies, _folder["victim"]));
        string told = Assert.Single(_log.Entries, entry => entry.Text.Contains("left alone", StringComparison.Ordinal)).Text;
        Assert.StartsWith("12 things in ", told, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', told);
        Figures.Note("planted files", ("in the place of the queue's own", 12), ("among the messages", 12), ("followed", 0), ("deleted", 0));
    }

    [Fact]
    public void A_file_that_a_link_has_taken_the_place_of_is_not_opened()
    {
        string victim = _folder.Write("victim", "secret");
        File.CreateSymbolicLink(_folder["body"], victim);

        Assert.Contains("is a symbolic link", Assert.Throws<IOException>(() => DurableFile.OpenRead(_folder["body"])).Message, StringComparison.Ordinal);
        Assert.Contains("is a symbolic link", Assert.Throws<IOException>(() => DurableFile.OpenWrite(_folder["body"])).Message, StringComparison.Ordinal);
        using Microsoft.Win32.SafeHandles.SafeFileHandle plain = DurableFile.OpenRead(victim);
        Assert.Equal(6, RandomAccess.GetLength(plain));
    }

    private async Task PlantAsync(string path, string kind, bool isFolder = false)
    {
        string victim = isFolder ? Directory.CreateDirectory(_folder["victims"]).FullName : _folder.Write("victim", "not yours");
        await (kind switch
        {
            "link" => RunAsync("ln", "-s", victim, path),
            "dangling" => RunAsync("ln", "-s", _folder["nowhere"], path),
            "pipe" => RunAsync("mkfifo", path),
            "folder" => RunAsync("mkdir", path),
            _ => RunAsync("mknod", path, "c", "1", "5"),
        });
    }

    /// <summary>Names, kinds, owners, modes, sizes and dates of all that is there.</summary>
    private static async Task<string> StateAsync(params string[] paths) =>
        (await ChildProcess.RunAsync("find", [.. paths.Where(Path.Exists), "(", "-type", "d", "-empty", "-or", "-not", "-type", "d", ")", "-printf", "%P %y %l %U %G %m %s %T@ %C@\\n"])).Output;

    private static async Task RunAsync(string program, params string[] arguments)
    {
        (int status, string output) = await ChildProcess.RunAsync(program, arguments);
        Assert.True(status == 0, output);
    }

    private async Task<SqliteQueueStore> OpenAsync(StoreAccess access)
    {
        var store = new SqliteQueueStore(new QueueOptions { Path = Queue, InlineOctets = 1000, MinFreeOctets = 0 }, TimeProvider.System, _log);
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
}
