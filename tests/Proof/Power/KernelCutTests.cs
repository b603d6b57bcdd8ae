using System.Diagnostics;
using System.Globalization;
using System.Text;
using RelayProxy.Harness;
using RelayProxy.Proof.Kill;

namespace RelayProxy.Proof.Power;

/// <summary>A whole machine, kernel and all, is cut off: user-mode Linux with the queue on a disk of its own. Whatever the kernel had not yet written goes
/// with it; what the machine told before, on its console, is held against what its disk has.</summary>
public sealed class KernelCutTests : IAsyncDisposable
{
    private const string Needs = "This proof needs root, loop devices and user-mode Linux (apt-get install user-mode-linux e2fsprogs).";
    private const int LettersOfALife = 60;

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_machine_that_is_cut_off_has_what_it_answered_for()
    {
        int cuts = Extent.Of(1, 100), cutsOfAQueue = Extent.Of(1, 10);
        long began = Stopwatch.GetTimestamp();
        var total = new Account();
        for (int cut = 0; cut < cuts; cut += cutsOfAQueue)
        {
            Account account = await QueueAsync(Seed.First + cut, cutsOfAQueue);
            total.Add(account);
            if (Extent.Full)
            {
                Console.WriteLine(string.Join('\n', [$"power, kernel: {cut + cutsOfAQueue} cuts, {total.Accepted} accepted, {total.Lost} lost, {total.Torn} torn, {total.Duplicated} sent again", .. account.Faults]));
            }
        }

        Figures.Note(
            "power, whole kernel",
            [("cuts", cuts), .. total.Figures, ("time", Stopwatch.GetElapsedTime(began).ToString("hh\\:mm\\:ss", CultureInfo.InvariantCulture)), ("seed", Seed.First)]);
        Assert.True(total.Faults.Count == 0, string.Join("\n\n", total.Faults.Take(10)));
        Assert.True(total.Accepted > 0);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task<Account> QueueAsync(int seed, int cuts)
    {
        await using CutDisk disk = await CutDisk.MakeAsync("ext4", mount: false);
        await using var lives = new Lives(disk.Queue, seed);
        var taken = new List<CapturedMail>();
        for (int cut = 0; cut < cuts; cut++)
        {
            await LiveAsync(disk, lives, taken);
        }

        await disk.MountAsync();
        return await lives.DrainAsync(taken);
    }

    private async Task LiveAsync(CutDisk disk, Lives lives, List<CapturedMail> taken)
    {
        string letters = Directory.CreateDirectory(_folder["letters"]).FullName;
        for (int i = 0; i < LettersOfALife; i++)
        {
            Letter letter = lives.Books.Write((LetterKind)lives.Random.Next(20), lives.Random.Next(300, 6_000));
            byte[] head = Encoding.ASCII.GetBytes($"{string.Join(' ', letter.Recipients)}\n");
            File.WriteAllBytes(Path.Combine(letters, letter.Number.ToString("D9", CultureInfo.InvariantCulture)), [.. head, .. letter.TakeWire()]);
        }

        int answers = lives.Random.Next(LettersOfALife);
        await using (ChildProcess machine = Boot(disk, letters))
        {
            await machine.WaitForLineAsync(line => line.EndsWith("ready", StringComparison.Ordinal));
            await Lives.UntilAsync(() => Task.FromResult(
                machine.HasExited || machine.Lines.Count(line => line.Contains("answered ", StringComparison.Ordinal)) >= answers));
            await Task.Delay(lives.Random.Next(3) == 0 ? lives.Random.Next(100) : 0);
            long at = Stopwatch.GetTimestamp();

            // All of its processes at once.
            await ChildProcess.RunAsync("kill", ["-9", "--", string.Create(CultureInfo.InvariantCulture, $"-{machine.Id}")]);
            await machine.WaitAsync();
            Read(machine.Lines, lives.Books, taken);
            lives.Books.LifeEnded(taken.Count, at);
        }

        Directory.Delete(letters, recursive: true);
    }

    private ChildProcess Boot(CutDisk disk, string letters)
    {
        string faults = AppContext.BaseDirectory.Replace("/Proof/", "/Faults/", StringComparison.Ordinal) + "RelayProxy.Faults.dll";
        string init = _folder.Write(
            "init",
            $"""
            #!/bin/sh
            export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/mnt TMPDIR=/mnt DOTNET_EnableWriteXorExecute=0 DOTNET_EnableDiagnostics=0
            mount -t proc proc /proc
            mount -t tmpfs none /mnt
            ip link set lo up
            mkdir /mnt/disk
            mount -t ext4 /dev/ubda /mnt/disk
            exec dotnet {faults} machine /mnt/disk/queue {letters}

            """,
            (UnixFileMode)0b111_000_000);
        try
        {
            // Gone with the tests, however they end; and a group of processes of its own, to be killed as one.
            return ChildProcess.Start(
                "setsid",
                [
                    "setpriv", "--pdeathsig", "KILL", "linux.uml", "mem=700M", $"ubd0={disk.Image}", "root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "quiet",
                    $"init={init}", "con=null", "con0=null,fd:1",
                ]);
        }
        catch (System.ComponentModel.Win32Exception fault)
        {
            throw new InvalidOperationException($"{fault.Message}. {Needs}", fault);
        }
    }

    /// <summary>What the machine told before it was gone. Its last line may be cut off.</summary>
    private static void Read(IReadOnlyList<string> lines, Books books, List<CapturedMail> taken)
    {
        foreach (string line in lines)
        {
            string[] words = line.TrimEnd('\r').Split(' ', 3);
            if (words is ["answered", var number, var reply])
            {
                books[int.Parse(number, CultureInfo.InvariantCulture)].Answered(reply);
            }
            else if (words[0] == "took" && line.TrimEnd('\r').Split('|') is [var mail, var recipients, var content, "."])
            {
                byte[] octets = Convert.FromBase64String(content);
                taken.Add(new CapturedMail
                {
                    Session = 0, MailCommand = mail["took ".Length..], RcptCommands = recipients.Split('\t'), Wire = octets, Content = octets, User = "",
                });
            }
        }
    }
}
