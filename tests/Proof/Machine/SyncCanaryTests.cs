namespace RelayProxy.Proof.Machine;

/// <summary>
/// Each place where the relay relies on a sync notices that it fails, on the runtime at hand: .NET's own flush returns normally on Linux when fsync has
/// failed. What is delivered on this machine is proved by MailboxUnderFaultsTests, the copying of the queue's log into its database by StoreUnderFaultsTests.
/// </summary>
public sealed class SyncCanaryTests
{
    [Theory]
    [InlineData("queue.db-wal", 1_000)]
    [InlineData("/bodies/", 10_000)]
    [InlineData("/bodies$", 10_000)]
    public async Task No_message_is_accepted_whose_sync_fails(string file, int octets)
    {
        await using var machine = new FaultyMachine();
        await machine.StartAsync();

        int serial = machine.Disk.Order("fsync", file, (int)ErrorNumber.EIO);

        Assert.StartsWith("451 4.3.0", await machine.SendAsync(octets), StringComparison.Ordinal);
        Assert.NotEmpty(machine.Disk.ToldOf(serial));
        machine.Disk.Mend();
        await machine.ResumesAsync($"failed syncs of {file}");
        await machine.ArrivedAsync($"failed syncs of {file}");
        machine.AssertBooksAreStraight();
    }

    /// <summary>The folder, the database before it has its name, and the name.</summary>
    [Theory]
    [InlineData("/queue$")]
    [InlineData("/queue.db.new$")]
    public async Task No_queue_is_begun_whose_sync_fails(string file)
    {
        await using var machine = new FaultyMachine();

        string said = await machine.StartInVainAsync("fsync", file, ErrorNumber.EIO);

        Assert.Contains("cannot be", said, StringComparison.Ordinal);
        Assert.Contains("fsync", said, StringComparison.Ordinal);
        await machine.StartAsync();
        await machine.ResumesAsync("a start in vain");
    }
}
