using RelayProxy.Harness;

namespace RelayProxy.Integration.Queue;

/// <summary>What the store does when the disk fails, with errors that the kernel or libc really returns to it. Error numbers: 5 EIO,
/// 28 ENOSPC, 30 EROFS, 122 EDQUOT.</summary>
public sealed class StoreUnderFaultsTests : IDisposable
{
    private readonly StoreProcess _store = new();

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task After_a_failed_sync_nothing_of_the_message_is_delivered_and_no_mail_taken_until_a_probe_succeeds()
    {
        IReadOnlyList<string> answers = await _store.RunAsync(
            "accept good",
            "fault fsync db-wal 5",
            "accept failed",
            "health",
            "second",
            "accept refused",
            "mend",
            "accept still-refused",
            "second",
            "accept next",
            "lease",
            "settle",
            "list");

        Assert.Equal(
            [
                "Committed", "set", "Failed", "Suspect", "Suspect", "Failed", "set", "Failed", "Ready", "Committed", "good next",
                "Settled Settled", "",
            ],
            answers);
    }

    [Fact]
    public async Task D16_A_message_whose_commit_failed_is_not_brought_back_to_life_by_a_crash()
    {
        // The pages of the failed commit are whole in the log: only that something was written over them keeps a new process
        // from finding it committed.
        Assert.Equal(
            ["Committed", "set", "Failed"],
            await _store.RunAsync("accept good", "fault fsync db-wal 5", "accept failed", "kill"));

        Assert.Equal(["good", "good"], await _store.RunAsync("list", "read"));
    }

    [Fact]
    public async Task A_settlement_that_failed_changed_nothing_and_can_be_made_again()
    {
        IReadOnlyList<string> answers = await _store.RunAsync(
            "accept a", "lease", "fault fsync db-wal 5", "settle", "mend", "second", "list", "settle", "list");

        Assert.Equal(["Committed", "a", "set", "Failed", "set", "Ready", "a", "Settled", ""], answers);
    }

    [Theory]
    [InlineData("28")]
    [InlineData("122")]
    public async Task A_full_disk_is_told_apart_from_a_broken_one_and_takes_mail_again_when_there_is_room(string error)
    {
        IReadOnlyList<string> answers = await _store.RunAsync(
            $"fault pwrite db-wal {error}",
            "accept small",
            "health",
            $"fault pwrite bodies {error}",
            "second",
            "accept large 50000",
            "health",
            "mend",
            "second",
            "accept small",
            "accept large 50000",
            "read");

        // SQLite has no word of its own for a quota: it is an error of the device, and as temporary.
        string full = error == "28" ? "Full" : "Failed";
        string health = error == "28" ? "Full" : "Suspect";
        Assert.Equal(
            ["set", full, health, "set", health, "QueueFullException", "Full", "set", "Ready", "Committed", "Committed", "small large"],
            answers);
    }

    [Fact]
    public async Task A_file_that_cannot_be_looked_at_for_now_is_not_taken_for_lost()
    {
        IReadOnlyList<string> answers = await _store.RunAsync(
            "accept large 50000", "fault stat /bodies/0 5", "lease", "mend", "read", "settle", "list");

        Assert.Equal(["Committed", "set", "large", "set", "large", "Settled", ""], answers);
    }

    [Theory]
    [InlineData("fsync", "db-wal", "5")]
    [InlineData("fsync", "queue.db", "5")]
    [InlineData("pwrite", "db-wal", "5")]
    [InlineData("pwrite", "db-wal", "28")]
    [InlineData("pwrite", "queue.db", "30")]
    [InlineData("pwrite", "bodies", "5")]
    [InlineData("pwrite", "bodies", "28")]
    [InlineData("ftruncate", "queue.db", "5")]
    [InlineData("open", "queue.db", "24")]
    public async Task Whatever_call_fails_in_its_turn_nothing_is_lost_and_nothing_invented(string call, string path, string error)
    {
        string expected = Assert.Single(await _store.RunAsync($"every {call} {path} {error}", "kill"));

        IReadOnlyList<string> found = await _store.RunAsync("list", "read");

        Assert.Equal(expected, found[0]);
        Assert.Equal(expected.Split(' '), found[1].Split(' ').Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("pwrite", "5")]
    [InlineData("pwrite", "28")]
    [InlineData("fsync", "5")]
    public async Task While_the_log_cannot_be_copied_into_the_database_mail_goes_on_and_stays(string call, string error)
    {
        IReadOnlyList<string> answers = await _store.RunAsync(
            $"fault {call} queue.db$ {error}", "fill 3000", "health", "mend", "fill 2000", "kill");
        Assert.Equal(["set", "3000", "Ready", "set", "2000"], answers);

        string names = Assert.Single(await _store.RunAsync("read"));
        Assert.Equal(5000, names.Split(' ').Length);
        Assert.All(names.Split(' '), name => Assert.Matches("^fill[0-9]+$", name));
    }

    [Fact]
    public async Task C28_A_killed_store_has_what_was_committed_and_not_what_was_settled()
    {
        var mustBeThere = new HashSet<string>();
        var mustBeGone = new HashSet<string>();
        for (int cycle = 0; cycle < 5; cycle++)
        {
            await using ChildProcess process = await _store.StartAsync($"flood {cycle}");
            await process.WaitForLineAsync(line => line == $"in {cycle}-0-{20 + (cycle * 10)}");
            process.Signal(9);
            await process.WaitAsync();
            Assert.DoesNotContain("although nothing fails", process.Output, StringComparison.Ordinal);
            string[] lines = process.Output.Split('\n');
            mustBeThere.UnionWith(Names(lines, "in ").Except(Names(lines, "leaving ")));
            mustBeGone.UnionWith(Names(lines, "out "));

            HashSet<string> found = [.. Assert.Single(await _store.RunAsync("read")).Split(' ')];

            Assert.Superset(mustBeThere, found);
            Assert.DoesNotContain(found, mustBeGone.Contains);
            Assert.DoesNotContain(found, name => name.Contains("ALTERED", StringComparison.Ordinal) || name.Contains("Exception", StringComparison.Ordinal));
        }
    }

    private static IEnumerable<string> Names(string[] lines, string start) =>
        lines.Where(line => line.StartsWith(start, StringComparison.Ordinal)).Select(line => line[start.Length..]);

    [Fact]
    public async Task A_sync_that_fails_is_noticed_by_this_runtime_too()
    {
        // The runtime's own flush swallows it; ours must not. The folder's sync is the last thing before a large message is committed.
        await _store.RunAsync("list");

        Assert.Equal(
            ["Committed", "IOException", "Suspect", "Suspect", "small"],
            await _store.RunWithoutSyncOfAsync(
                Path.Combine(_store.Queue, "bodies"), "accept small", "accept large 50000", "health", "second", "list"));
        Assert.Equal(["small"], await _store.RunAsync("list"));
        Assert.DoesNotContain(Directory.EnumerateFiles(Path.Combine(_store.Queue, "bodies")), file => Path.GetFileName(file) != "probe");
    }
}
