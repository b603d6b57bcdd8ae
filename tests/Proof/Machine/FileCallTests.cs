namespace RelayProxy.Proof.Machine;

/// <summary>
/// Every call on a file that is on a message's way, into the queue and out of it again, fails in its turn, with every error there is: the client hears 4xx,
/// or 250 and then the message arrives; the relay lives, and takes mail again by itself when the trouble is over.
/// </summary>
public sealed class FileCallTests
{
    /// <summary>More than there are on the way of any message.</summary>
    private const int MostTurns = 150;

    private const int Lasting = 1_000_000;

    /// <summary>With a file of its own in the queue, and without.</summary>
    private static readonly int[] s_sizes = [10_000, 1_000];

    /// <summary>Where a false 250 or a lost message would come from first.</summary>
    private static readonly Injection[] s_essential =
    [
        new("fsync", "queue.db-wal", ErrorNumber.EIO, 0, 1, 1_000),
        new("fsync", "queue.db-wal", ErrorNumber.EIO, 1, Lasting, 1_000),
        new("fsync", "queue.db-wal", ErrorNumber.EINTR, 0, 1, 1_000),
        new("fsync", "/bodies$", ErrorNumber.EIO, 0, 1, 10_000),
        new("pwrite", "queue.db-wal", ErrorNumber.ENOSPC, 3, Lasting, 1_000),
        new("open", "/bodies/", ErrorNumber.EMFILE, 0, Lasting, 10_000),
        new("chown", "/bodies/", ErrorNumber.EIO, 0, Lasting, 10_000),

        // The runtime has exceptions of other kinds for these.
        new("pwrite", "/bodies/", ErrorNumber.EFBIG, 0, 1, 10_000),
        new("pwrite", "/bodies/", ErrorNumber.EACCES, 0, 1, 10_000),
        new("pread", "/bodies/", ErrorNumber.EACCES, 0, 1, 10_000),
    ];

    public static TheoryData<int> Errors => [.. Enum.GetValues<ErrorNumber>().Cast<int>()];

    [Fact]
    public async Task The_calls_that_must_not_fail_unseen_and_some_others_fail()
    {
        var random = new Random(Seed.First);
        Injection[] others = [.. Enumerable.Range(0, 6).Select(_ => new Injection(
            "any", "", random.GetItems(Enum.GetValues<ErrorNumber>(), 1)[0], random.Next(70), 1 + random.Next(3), random.GetItems(s_sizes, 1)[0]))];

        await using var machine = new FaultyMachine();
        await machine.StartAsync();
        var figures = new InjectionFigures();
        foreach (Injection injection in s_essential)
        {
            Assert.True(await injection.StrikesAsync(machine, figures), $"{injection} is not on the way of a message any more.");
        }

        await machine.UntilAsync(
            () => Task.FromResult(Directory.EnumerateFiles(Path.Combine(machine.Queue, "bodies")).All(file => Path.GetFileName(file) == "probe")),
            "A message that was refused has left its file");
        foreach (Injection injection in others)
        {
            await injection.StrikesAsync(machine, figures);
        }

        await Injection.EndAsync(machine);
        figures.Note($"machine: file calls, a sample (seed {Seed.First})");
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Every_call_fails_in_its_turn(int error)
    {
        if (!Extent.Full)
        {
            return;
        }

        var figures = new InjectionFigures();
        foreach (int size in s_sizes)
        {
            // A call that is interrupted for ever is no fault of this world.
            foreach (int times in (ErrorNumber)error == ErrorNumber.EINTR ? [1, 3] : new[] { 1, Lasting })
            {
                await using var machine = new FaultyMachine();
                await machine.StartAsync();
                int turn = 0;
                while (await new Injection("any", "", (ErrorNumber)error, turn, times, size).StrikesAsync(machine, figures))
                {
                    turn++;
                    Assert.True(turn < MostTurns);
                }

                await Injection.EndAsync(machine);
            }
        }

        figures.Note($"machine: every file call, {(ErrorNumber)error}");
    }
}
