using System.Diagnostics;
using System.Globalization;
using RelayProxy.Harness;
using RelayProxy.Queue.Sqlite;

namespace RelayProxy.Proof.Kill;

/// <summary>The relay is killed at each system call in turn of what it does, until it gets through: in the long run at every one, briefly at some.</summary>
public sealed class EveryCallTests : IDisposable
{
    private const int LivesOfAQueue = 25;

    private static readonly (LetterKind, int)[] s_oneOfEach =
        [(LetterKind.Plain, 1_000), (LetterKind.ForTwo, 30_000), (LetterKind.RefusedForOne, 1_000), (LetterKind.Later, 1_000)];

    private readonly TemporaryFolder _folder = new();
    private readonly long _began = Stopwatch.GetTimestamp();
    private readonly Random _random = new(Seed.First);
    private readonly Account _total = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A small message, one with a file of its own, one that comes back and one that has to wait, from the first octet to the last record.</summary>
    [Fact]
    public async Task Killed_at_every_call_of_acceptance_and_settlement_it_loses_nothing()
    {
        KillAt killAt = await KillAt.BuildAsync(_folder);
        int kills = 0;
        for (bool isThrough = false; !isThrough && kills < Extent.Of(3, int.MaxValue);)
        {
            string queue = _folder[string.Create(CultureInfo.InvariantCulture, $"queue-{kills}")];
            await using var lives = new Lives(queue, Seed.First + kills);
            for (int life = 0; life < LivesOfAQueue && !isThrough && kills < Extent.Of(3, int.MaxValue); life++)
            {
                isThrough = await LiveUntilCallAsync(lives, killAt, Extent.Full ? kills + 1 : _random.Next(1, 300)) && Extent.Full;
                kills++;
                if (kills % 100 == 0)
                {
                    Console.WriteLine($"kill, every call: {kills} calls");
                }
            }

            _total.Add(await lives.DrainAsync());
        }

        Close("kill, calls of acceptance and settlement", kills);
    }

    [Fact]
    public async Task Killed_at_every_call_of_a_start_over_an_old_queue_it_brings_all_its_mail()
    {
        KillAt killAt = await KillAt.BuildAsync(_folder);
        int kills = 0;
        for (bool isThrough = false; !isThrough && kills < Extent.Of(2, int.MaxValue); kills++)
        {
            string queue = _folder[string.Create(CultureInfo.InvariantCulture, $"queue-{kills}")];
            await using var lives = new Lives(queue, Seed.First + kills);
            await lives.LeaveOldQueueAsync(schema: 1 + (kills % 2), messages: 20);
            await using (RelayProcess relay = lives.Launch(killAt.Before(Extent.Full ? 1 + (kills / 2) : _random.Next(1, 60), queue)))
            {
                isThrough = await IsReadyAsync(relay) && Extent.Full && kills % 2 == 1;
                await lives.EndAsync(relay, Lives.KillAsync);
            }

            _total.Add(await lives.DrainAsync());
            Directory.Delete(queue, recursive: true);
        }

        Close("kill, calls of a start over an old queue", kills);
    }

    [Fact]
    public async Task Killed_at_every_call_of_an_operators_command_it_has_been_carried_out_or_not()
    {
        KillAt killAt = await KillAt.BuildAsync(_folder);
        await using var lives = new Lives(_folder["queue"], Seed.First);
        int kills = 0;
        await using (RelayProcess relay = lives.Launch())
        {
            await relay.ReadyAsync();
            for (bool isThrough = false; !isThrough && kills < Extent.Of(2, int.MaxValue); kills++)
            {
                await lives.BringAsync(relay, (LetterKind.Later, 30_000));
                Letter letter = lives.Books.AcceptedLetters.MaxBy(letter => letter.Number)!;
                letter.Deletion = Deletion.Asked;
                string[] command =
                [
                    .. killAt.Before(Extent.Full ? kills + 1 : _random.Next(1, 8), _folder["queue"]), "dotnet", RelayProcess.Assembly, "queue", "delete", letter.Id,
                    $"--Queue:Path={_folder["queue"]}",
                ];
                (_, string output) = await ChildProcess.RunAsync(command[0], command[1..]);
                if (output.Contains("1 message deleted", StringComparison.Ordinal))
                {
                    letter.Deletion = Deletion.Done;
                    isThrough = Extent.Full && output.Contains("ended after", StringComparison.Ordinal);
                }
            }

            await lives.EndAsync(relay, Lives.KillAsync);
        }

        _total.Add(await lives.DrainAsync());
        Close("kill, calls of an operator's command", kills);
    }

    /// <returns>Whether it got through.</returns>
    private static async Task<bool> LiveUntilCallAsync(Lives lives, KillAt killAt, int call)
    {
        await using RelayProcess relay = lives.Launch();
        await relay.ReadyAsync();
        await using SqliteQueueStore store = await lives.OpenQueueAsync();
        Assert.True(await Lives.UntilAsync(async () => await Lives.IsSettledAsync(store)), string.Join('\n', relay.Lines));

        await using ChildProcess killer = await killAt.AttachAsync(relay, call);
        await lives.BringAsync(relay, s_oneOfEach);
        Assert.True(
            await Lives.UntilAsync(async () => killer.Lines.Count > 1 || await Lives.IsSettledAsync(store)),
            $"Seed {lives.Seed}, call {call}: neither killed nor through:\n{string.Join('\n', relay.Lines)}");
        await lives.EndAsync(relay, Lives.KillAsync);
        await killer.WaitAsync();
        return killer.Output.Contains("ended after", StringComparison.Ordinal);
    }

    private static async Task<bool> IsReadyAsync(RelayProcess relay)
    {
        try
        {
            await relay.ReadyAsync();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private void Close(string proof, int kills)
    {
        Figures.Note(
            proof,
            [("kills", kills), .. _total.Figures, ("time", Stopwatch.GetElapsedTime(_began).ToString("hh\\:mm\\:ss", CultureInfo.InvariantCulture)), ("seed", Seed.First)]);
        Assert.True(_total.Faults.Count == 0, string.Join("\n\n", _total.Faults.Take(10)));
    }
}
