using System.Text.Json;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Machine;

/// <summary>
/// The files of the queue are not what was written: bits flipped, pages overwritten, ends cut off, in the database, in its log and in the files of large
/// messages. Nothing altered is ever delivered; what cannot be read is set aside with an error in the log; everything else arrives, and the relay goes on.
/// Where so much is gone that nothing names a message any more, an error says that some are missing, and how many were found.
/// </summary>
public sealed class CorruptionTests
{
    private const int Messages = 30;
    private const int PageOctets = 4096;

    [Theory]
    [InlineData("queue.db")]
    [InlineData("queue.db-wal")]
    [InlineData("bodies")]
    public async Task Whatever_is_damaged_nothing_altered_is_delivered_and_nobody_is_forgotten(string target)
    {
        int variants = Extent.Of(brief: 2, full: 350);
        await using var machine = new FaultyMachine();
        using var template = new TemporaryFolder();
        Dictionary<string, string> accepted = await FillAsync(machine, template, target);

        int setAside = 0, gone = 0;
        for (int variant = 0; variant < variants; variant++)
        {
            string what = $"{target}, seed {Seed.First + variant}";
            Restore(template, machine.Queue);
            Damage(machine.Queue, target, new Random(Seed.First + variant));
            (int aside, int missing) = await OutlivesAsync(machine, accepted, what);
            (setAside, gone) = (setAside + aside, gone + missing);
        }

        Figures.Note(
            $"machine: damaged {target} (seeds from {Seed.First})", ("variants", variants), ("messages", variants * Messages), ("set aside", setAside),
            ("gone with their pages, as an error says", gone), ("altered", 0), ("forgotten", 0), ("crashes", 0));
    }

    [Theory]
    [InlineData("queue.db")]
    [InlineData("queue.db-wal")]
    [InlineData("bodies")]
    public async Task Damaged_under_a_relay_that_runs_it_delivers_nothing_altered_and_forgets_nobody(string target)
    {
        int variants = Extent.Of(brief: 1, full: 100);
        int setAside = 0, gone = 0;
        for (int variant = 0; variant < variants; variant++)
        {
            // Nobody rests for one recipient who is put off, so that all is tried again soon.
            await using var machine = new FaultyMachine();
            machine.Smarthost.OnRcpt = _ => "450 4.2.1 Later";
            await machine.StartAsync(isFaulty: false);
            Dictionary<string, string> accepted = await AcceptAsync(machine);
            Damage(machine.Queue, target, new Random(Seed.First + variant));
            machine.Smarthost.OnRcpt = null;

            string what = $"{target} while the relay runs, seed {Seed.First + variant}";
            (int aside, int missing) = await OutlivedAsync(machine, accepted, before: 0, what);
            (setAside, gone) = (setAside + aside, gone + missing);
        }

        Figures.Note(
            $"machine: {target} damaged while the relay runs (seeds from {Seed.First})", ("variants", variants), ("messages", variants * Messages),
            ("set aside", setAside), ("gone with their pages, as an error says", gone), ("altered", 0), ("forgotten", 0), ("crashes", 0));
    }

    /// <summary>A queue that nobody has taken mail from; with all of it in the database, or all of it in the log.</summary>
    /// <returns>The ids by the names of the messages.</returns>
    private static async Task<Dictionary<string, string>> FillAsync(FaultyMachine machine, TemporaryFolder template, string target)
    {
        machine.Smarthost.OnGreeting = _ => FakeAnswer.HangUp;
        await machine.StartAsync(isFaulty: false);
        Dictionary<string, string> accepted = await AcceptAsync(machine);
        await (target == "queue.db-wal" ? machine.KillAsync() : machine.StopAsync());
        machine.Smarthost.OnGreeting = null;
        Copy(machine.Queue, template["queue"]);
        return accepted;
    }

    /// <returns>The ids by the names of the messages.</returns>
    private static async Task<Dictionary<string, string>> AcceptAsync(FaultyMachine machine)
    {
        var accepted = new Dictionary<string, string>();
        for (int message = 0; message < Messages; message++)
        {
            string reply = await machine.SendAsync(message % 3 == 0 ? 100_000 : 500 + (message * 100));
            Assert.StartsWith("250", reply, StringComparison.Ordinal);
            accepted.Add(Ledger.NameOf(message + 1), reply.Split(' ')[^1]);
        }

        return accepted;
    }

    private static async Task<(int Aside, int Gone)> OutlivesAsync(FaultyMachine machine, Dictionary<string, string> accepted, string what)
    {
        int before = machine.Smarthost.Mails.Count;
        await machine.StartAsync(isFaulty: false);
        return await OutlivedAsync(machine, accepted, before, what);
    }

    /// <returns>How many were set aside, and how many are gone without a name.</returns>
    private static async Task<(int Aside, int Gone)> OutlivedAsync(FaultyMachine machine, Dictionary<string, string> accepted, int before, string what)
    {
        string[] aside = [];
        HashSet<string> arrived = [];
        int gone = 0;
        await machine.UntilAsync(
            () =>
            {
                aside = [.. machine.Relay.Lines.Where(line => line.Contains("set aside and not sent", StringComparison.Ordinal) || line.Contains("status=parked", StringComparison.Ordinal))];
                arrived = [.. machine.Smarthost.Mails.Skip(before).Select(Ledger.NameOf)];
                gone = accepted.Count(
                    message => !arrived.Contains(message.Key) && !Array.Exists(aside, line => line.Contains(message.Value, StringComparison.Ordinal)));
                return Task.FromResult(gone <= ToldToBeGone(machine));
            },
            () => $"Of {accepted.Count} messages {arrived.Count} arrived and {aside.Length} were set aside; the others are forgotten. Damaged: {what}");
        await machine.ResumesAsync(what);
        await machine.KillAsync();

        CapturedMail[] mails = [.. machine.Smarthost.Mails.Skip(before)];
        Assert.Empty(Ledger.Torn(mails));
        return (accepted.Keys.Count(name => !arrived.Contains(name)) - gone, gone);
    }

    /// <summary>How many the relay has said that it could not find.</summary>
    private static int ToldToBeGone(FaultyMachine machine)
    {
        string? told = machine.Relay.Lines.FirstOrDefault(line => line.Contains("\"event\":\"Gone", StringComparison.Ordinal));
        if (told is null)
        {
            return 0;
        }

        JsonElement entry = JsonDocument.Parse(told).RootElement;
        Assert.Equal("error", entry.GetProperty("level").GetString());
        return Messages - entry.GetProperty("found").GetInt32() - entry.GetProperty("foundByFile").GetInt32();
    }

    private static void Damage(string queue, string target, Random random)
    {
        string path = Path.Combine(queue, target);
        if (target == "bodies")
        {
            path = random.GetItems([.. Directory.EnumerateFiles(path).Order(StringComparer.Ordinal)], 1)[0];
        }

        byte[] octets = ReadAll(path);

        // What stands in the last transactions of the log cannot be told from a crash, nor can a log that was cut short.
        int most = target == "queue.db-wal" ? octets.AsSpan().LastIndexOfAnyExcept((byte)0) * 4 / 5 : octets.Length;
        switch (random.Next(target == "queue.db-wal" ? 4 : 5))
        {
            case 0:
                for (int bit = random.Next(1, 20); bit > 0; bit--)
                {
                    octets[random.Next(most)] ^= (byte)(1 << random.Next(8));
                }

                break;
            case 1:
                octets.AsSpan(PageAt(most, random)).Clear();
                break;
            case 2:
                random.NextBytes(octets.AsSpan(PageAt(most, random)));
                break;
            case 3:
                // What was read in one place written to another.
                octets[PageAt(most, random)].CopyTo(octets.AsSpan(random.Next(most - PageOctets)));
                break;
            default:
                octets = octets[..random.Next(octets.Length)];
                break;
        }

        // In its place: whoever has it open sees it, and never an empty file.
        using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        file.Write(octets);
        file.SetLength(octets.Length);
    }

    /// <summary>Of a file that others have open.</summary>
    private static byte[] ReadAll(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        byte[] octets = new byte[file.Length];
        file.ReadExactly(octets);
        return octets;
    }

    private static Range PageAt(int length, Random random)
    {
        int from = random.Next(length / PageOctets) * PageOctets;
        return from..(from + PageOctets);
    }

    private static void Restore(TemporaryFolder template, string queue)
    {
        if (Directory.Exists(queue))
        {
            Directory.Delete(queue, recursive: true);
        }

        Copy(template["queue"], queue);
    }

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        foreach (string file in Directory.EnumerateFiles(from))
        {
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        }

        foreach (string folder in Directory.EnumerateDirectories(from))
        {
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
        }
    }
}
