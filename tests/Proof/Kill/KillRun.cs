using System.Diagnostics;
using System.Globalization;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Kill;

/// <summary>So many lives, in queues of so many each, by several workers at once; and what they came to.</summary>
internal sealed class KillRun(int cycles, int livesOfAQueue, string? assembly)
{
    private readonly Lock _gate = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private int _begun;
    private int _ended;
    private int _seed = Seed.First;

    public Account Total { get; } = new();

    /// <summary>The relay, compiled ahead of time: a life is mostly start.</summary>
    /// <returns>Its assembly.</returns>
    public static async Task<string> PublishAsync()
    {
        string folder = Repository.Path("artifacts", "killed-relay");
        (int status, string output) = await ChildProcess.RunAsync(
            "dotnet",
            ["publish", Repository.Path("src", "RelayProxy"), "-c", "Release", "-r", "linux-x64", "--self-contained", "false", "-o", folder, "-v", "quiet", "-nologo"],
            patience: TimeSpan.FromMinutes(10));
        Assert.True(status == 0, output);
        return Path.Combine(folder, "relayproxy.dll");
    }

    /// <summary>One queue after the other, until there have been enough lives.</summary>
    public async Task WorkAsync()
    {
        while (Interlocked.Add(ref _begun, livesOfAQueue) - livesOfAQueue < cycles)
        {
            Account account = await QueueAsync(Interlocked.Increment(ref _seed));
            lock (_gate)
            {
                Total.Add(account);
            }

            foreach (string fault in account.Faults)
            {
                Tell(fault);
            }
        }
    }

    public void Note() => Figures.Note(
        "kill",
        [("cycles", _ended), .. Total.Figures, ("time", Stopwatch.GetElapsedTime(_began).ToString("hh\\:mm\\:ss", CultureInfo.InvariantCulture)), ("seed", Seed.First)]);

    private async Task<Account> QueueAsync(int seed)
    {
        using var folder = new TemporaryFolder();
        await using var lives = new Lives(folder["queue"], seed, assembly);
        if (lives.Random.Next(3) == 0)
        {
            await lives.LeaveOldQueueAsync(schema: lives.Random.Next(1, 3), messages: lives.Random.Next(1, 300));
        }

        for (int life = 0; life < livesOfAQueue; life++)
        {
            await lives.LiveAsync(Lives.KillAsync);
            int ended = Interlocked.Increment(ref _ended);
            if (ended % 100 == 0)
            {
                Tell(string.Create(CultureInfo.InvariantCulture, $"{ended} cycles, {Total.Accepted} accepted, {Total.Lost} lost, {Total.Torn} torn, {Total.Duplicated} sent again, {Stopwatch.GetElapsedTime(_began):hh\\:mm\\:ss}"));
            }
        }

        return await lives.DrainAsync();
    }

    private static void Tell(string line) => Console.WriteLine($"kill: {line}");
}
