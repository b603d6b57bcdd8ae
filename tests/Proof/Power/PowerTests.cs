using System.Diagnostics;
using System.Globalization;
using RelayProxy.Harness;
using RelayProxy.Proof.Kill;

namespace RelayProxy.Proof.Power;

/// <summary>The power is cut under the relay's feet: what it answered 250 to was on the disk, and arrives.</summary>
[Collection(nameof(Mounts))]
public class PowerTests
{
    private static readonly Lazy<Task<string>> s_published = new(KillRun.PublishAsync);

    [Fact]
    public async Task Whatever_was_not_synced_is_thrown_away_and_nothing_accepted_with_it() => await Task.WhenAll(
        CutAgainAndAgainAsync("ext4"), CutAgainAndAgainAsync("xfs"));

    private static async Task CutAgainAndAgainAsync(string fileSystem)
    {
        int cuts = Extent.Of(3, 1000), cutsOfAQueue = Extent.Of(3, 25);
        long began = Stopwatch.GetTimestamp();
        var total = new Account();
        await using CutDisk disk = await CutDisk.MakeAsync(fileSystem);
        string? assembly = Extent.Full ? await s_published.Value : null;
        for (int cut = 0; cut < cuts; cut += cutsOfAQueue)
        {
            Account account = await QueueAsync(disk, Seed.First + cut, cutsOfAQueue, assembly);
            total.Add(account);
            if (Extent.Full)
            {
                Console.WriteLine(string.Join('\n', [$"power, {fileSystem}: {cut + cutsOfAQueue} cuts, {total.Accepted} accepted, {total.Lost} lost, {total.Torn} torn, {total.Duplicated} sent again", .. account.Faults]));
            }
        }

        Figures.Note(
            $"power, {fileSystem}",
            [("cuts", cuts), .. total.Figures, ("time", Stopwatch.GetElapsedTime(began).ToString("hh\\:mm\\:ss", CultureInfo.InvariantCulture)), ("seed", Seed.First)]);
        Assert.True(total.Faults.Count == 0, string.Join("\n\n", total.Faults.Take(10)));
        Assert.True(total.Accepted > cuts);
    }

    private static async Task<Account> QueueAsync(CutDisk disk, int seed, int cuts, string? assembly)
    {
        await using var lives = new Lives(disk.Queue, seed, assembly) { IsDeskHere = false };
        if (lives.Random.Next(3) == 0)
        {
            await lives.LeaveOldQueueAsync(schema: lives.Random.Next(1, 3), messages: lives.Random.Next(1, 300));
            await disk.SyncAsync();
        }

        for (int cut = 0; cut < cuts; cut++)
        {
            long at = 0;
            await lives.LiveAsync(relay =>
            {
                at = Stopwatch.GetTimestamp();
                return CutAsync(disk, relay, lives.Random);
            });
            lives.Books.Unsay(since: at);
            await disk.RestoreAsync();
        }

        Account account = await lives.DrainAsync();
        Directory.Delete(disk.Queue, recursive: true);
        return account;
    }

    /// <summary>The relay may run on for a moment, on a disk that takes nothing more. What it says then does not count: a machine without power says
    /// nothing, and a sync that is under way when a file system is shut down may succeed although nothing was written.</summary>
    private static async Task CutAsync(CutDisk disk, RelayProcess relay, Random random)
    {
        disk.Cut();
        await Task.Delay(random.Next(3) == 0 ? random.Next(50) : 0);
        await Lives.KillAsync(relay);
    }
}
