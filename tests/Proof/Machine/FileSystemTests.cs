namespace RelayProxy.Proof.Machine;

/// <summary>
/// The queue on a file system that becomes full, has no more places for files, freezes, or is made read-only by the kernel, while several clients bring
/// mail: what is answered 250 arrives, everything else hears 4xx, and the relay takes mail again by itself. Needs root, who may mount.
/// </summary>
[Collection(nameof(Mounts))]
public sealed class FileSystemTests
{
    private const int Clients = 4;

    private static readonly TimeSpan s_long = TimeSpan.FromSeconds(Extent.Of(brief: 2, full: 60));

    [Fact]
    public async Task The_disk_is_full_for_long_and_then_there_is_room()
    {
        await using Volume volume = await Volume.MountExt4Async(32);
        await using var machine = new FaultyMachine(volume.Queue);
        await machine.StartAsync(isFaulty: false);

        await UnderLoadAsync(machine, "disk full", volume.Fill, volume.MakeRoom);
    }

    [Fact]
    public async Task There_is_no_place_for_another_file_for_long_and_then_there_is()
    {
        await using Volume volume = await Volume.MountMemoryAsync("size=64m,nr_inodes=1000");
        await using var machine = new FaultyMachine(volume.Queue, "Queue:MinFreeOctets=1");
        await machine.StartAsync(isFaulty: false);

        await UnderLoadAsync(machine, "no inodes", volume.FillWithFiles, volume.MakeRoom);
    }

    [Fact]
    public async Task The_disk_freezes_and_nobody_waits_for_it_longer_than_the_settings_say()
    {
        TimeSpan frozenFor = TimeSpan.FromSeconds(Extent.Of(brief: 4, full: 40));
        TimeSpan patience = TimeSpan.FromSeconds(Extent.Of(brief: 1, full: 10));
        await using Volume volume = await Volume.MountExt4Async(32);
        await using var machine = new FaultyMachine(volume.Queue, $"Queue:DiskTimeout={patience}");
        await machine.StartAsync(isFaulty: false);
        await using LoadOnMachine load = machine.Load(Clients);
        await load.TakenAsync();

        // What is refused is on its way to the disk at that moment, and must not come out of the queue when the disk has gone on.
        Task thawed = await volume.FreezeAsync(frozenFor);
        await load.RefusedAsync();
        Assert.False(thawed.IsCompleted, $"Nobody was answered within {frozenFor}.");
        if (Extent.Full)
        {
            (int health, string said) = await machine.HealthAsync();
            Assert.True(health == 1, said);
            Assert.Contains("a commit takes longer than", said, StringComparison.Ordinal);
        }

        await thawed;
        TimeSpan resumed = await machine.ResumesAsync("a frozen disk");

        await EndAsync(machine, load, "frozen", frozenFor, resumed);
    }

    [Fact]
    public async Task The_kernel_makes_the_disk_read_only_and_after_its_repair_all_is_there()
    {
        await using Volume volume = await Volume.MountExt4Async(32);
        await using var machine = new FaultyMachine(volume.Queue);
        await machine.StartAsync(isFaulty: false);
        await using LoadOnMachine load = machine.Load(Clients);
        await load.TakenAsync();

        await volume.AbortAsync();
        await load.RefusedAsync();
        await Task.Delay(s_long / 2, TestContext.Current.CancellationToken);
        (int health, string said) = await machine.HealthAsync();
        Assert.True(health == 1, said);
        await load.DisposeAsync();
        Assert.StartsWith("4", await machine.SendAsync(1_000), StringComparison.Ordinal);

        // Whatever it could not record is sent again: the kernel has taken back nothing that was synced, and nothing more can be.
        await machine.KillAsync();
        await volume.RepairAsync();
        await machine.StartAsync(isFaulty: false);
        TimeSpan resumed = await machine.ResumesAsync("a read-only disk");
        await machine.ArrivedAsync("a read-only disk");
        await machine.EmptyAsync();
        await machine.StopAsync();
        machine.AssertBooksAreStraight(mayBeSentTwice: true, atTheEnd: Clients);
        load.Note("machine: read-only by the kernel, repaired, restarted", s_long / 2, resumed);
    }

    private static async Task UnderLoadAsync(FaultyMachine machine, string trouble, Action begin, Action end)
    {
        await using LoadOnMachine load = machine.Load(Clients);
        await load.TakenAsync();

        begin();
        await load.RefusedAsync();
        await Task.Delay(s_long, TestContext.Current.CancellationToken);
        (int health, string said) = await machine.HealthAsync();
        Assert.True(health == 1, said);
        end();
        TimeSpan resumed = await machine.ResumesAsync(trouble);

        await EndAsync(machine, load, trouble, s_long, resumed);
    }

    private static async Task EndAsync(FaultyMachine machine, LoadOnMachine load, string trouble, TimeSpan lasted, TimeSpan resumed)
    {
        await load.TakenAsync();
        await load.DisposeAsync();
        await machine.ArrivedAsync(trouble);
        await machine.EmptyAsync();
        await machine.StopAsync();
        machine.AssertBooksAreStraight();
        load.Note($"machine: {trouble}, {Clients} clients", lasted, resumed);
    }
}
