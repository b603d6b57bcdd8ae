using System.Diagnostics;

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

    private static readonly TimeSpan s_afterArrival = TimeSpan.FromMilliseconds(300);

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
            Assert.True(await InjectAsync(machine, injection, figures), $"{injection} is not on the way of a message any more.");
        }

        await machine.UntilAsync(
            () => Task.FromResult(Directory.EnumerateFiles(Path.Combine(machine.Queue, "bodies")).All(file => Path.GetFileName(file) == "probe")),
            "A message that was refused has left its file");
        foreach (Injection injection in others)
        {
            await InjectAsync(machine, injection, figures);
        }

        await EndAsync(machine);
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
                while (await InjectAsync(machine, new Injection("any", "", (ErrorNumber)error, turn, times, size), figures))
                {
                    turn++;
                    Assert.True(turn < MostTurns);
                }

                await EndAsync(machine);
            }
        }

        figures.Note($"machine: every file call, {(ErrorNumber)error}");
    }

    /// <returns>False if there was no such call on the way of the message.</returns>
    private static async Task<bool> InjectAsync(FaultyMachine machine, Injection injection, InjectionFigures figures)
    {
        string text = injection.Text.Length == 0 ? machine.Folder : injection.Text;
        int serial = machine.Disk.Order(injection.Call, text, (int)injection.Error, injection.Skip, injection.Times);
        long began = Stopwatch.GetTimestamp();
        string reply = await machine.SendAsync(injection.Octets);
        TimeSpan answered = Stopwatch.GetElapsedTime(began);
        Assert.True(reply.Length > 0, $"{injection}: the relay hung up without an answer.\n{machine.Log}");
        bool struck = await StrikesAsync(machine, serial);
        machine.Disk.Mend();
        TimeSpan resumed = await machine.ResumesAsync(injection.ToString());
        await machine.ArrivedAsync(injection.ToString());
        Assert.True(!reply.StartsWith('4') || struck, $"{reply} although nothing failed.");
        figures.Add(reply, answered, resumed, struck, machine.Disk.ToldOf(serial).Any(call => call.StartsWith("lock ", StringComparison.Ordinal)));
        machine.Disk.Forget();
        return struck;
    }

    /// <summary>Whether the fault comes about before the message has gone all its way.</summary>
    private static async Task<bool> StrikesAsync(FaultyMachine machine, int serial)
    {
        long? arrivedAt = null;
        while (machine.Disk.ToldOf(serial).Count == 0)
        {
            if (arrivedAt is null && machine.Ledger.Missing(machine.Smarthost.Mails).Count == 0)
            {
                arrivedAt = Stopwatch.GetTimestamp();
            }

            if (arrivedAt is { } at && Stopwatch.GetElapsedTime(at) > s_afterArrival)
            {
                return false;
            }

            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        return true;
    }

    /// <summary>What is left in the end, on a disk that does not fail: nothing that was not settled.</summary>
    private static async Task EndAsync(FaultyMachine machine)
    {
        await machine.EmptyAsync();
        await machine.StopAsync();
        machine.AssertBooksAreStraight();
    }

    private sealed record Injection(string Call, string Text, ErrorNumber Error, int Skip, int Times, int Octets);
}
