using RelayProxy.Harness;

namespace RelayProxy.Integration.Queue;

/// <summary>Mailboxes on a disk that fails: whichever call it is, a delivery that failed has left nothing, and one that succeeded has left one
/// whole message.</summary>
public sealed class MailboxUnderFaultsTests : IDisposable
{
    private readonly StoreProcess _process = new();
    private readonly TemporaryFolder _folder = new();

    public void Dispose()
    {
        _process.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData("mbox", "mbox", "/mbox$")]
    [InlineData("maildir", "dir", "/dir/tmp/")]
    [InlineData("maildir", "dir", "/dir/new$")]
    public async Task A_sync_that_fails_is_noticed_by_this_runtime_too(string kind, string path, string file)
    {
        _folder.Write("mbox", "");
        Directory.CreateDirectory(_folder["dir/new"]);
        string deliver = $"deliver {kind} {_folder[path]}";

        Assert.Equal(
            ["set", "failed, 0 whole, 0 other", "set", "delivered, 1 whole, 0 other"],
            await _process.RunAsync($"fault fsync {file} 5 0 1", deliver, "mend", deliver));
    }

    /// <summary>Each call in turn, until there is none left to fail.</summary>
    [Theory]
    [InlineData("mbox", "mbox", "write", "EIO", 3)]
    [InlineData("mbox", "mbox", "write", "ENOSPC", 3)]
    [InlineData("mbox", "mbox", "fsync", "EIO", 1)]
    [InlineData("maildir", "dir/new", "fsync", "EIO", 1)]
    public async Task A_failed_delivery_leaves_nothing_and_a_good_one_one_whole_message(
        string kind, string fails, string call, string error, int calls)
    {
        _folder.Write("mbox", "");
        Directory.CreateDirectory(_folder["dir/new"]);
        string deliver = $"deliver {kind} {_folder[kind == "mbox" ? "mbox" : "dir"]}";
        for (int turn = 1; turn <= calls; turn++)
        {
            Assert.Equal(["failed, 0 whole, 0 other"], await _process.RunWithFaultAsync(_folder[fails], call, $"error={error}:when={turn}", deliver));
        }

        Assert.Equal(["delivered, 1 whole, 0 other"], await _process.RunWithFaultAsync(_folder[fails], call, $"error={error}:when={calls + 1}", deliver));
        Assert.Equal(["delivered, 2 whole, 0 other"], await _process.RunAsync(deliver));
    }
}
