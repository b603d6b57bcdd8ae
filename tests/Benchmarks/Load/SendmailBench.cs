using System.Diagnostics;
using System.Globalization;
using System.Text;
using RelayProxy.Harness;
using RelayProxy.Harness.Load;

namespace RelayProxy.Benchmarks.Load;

/// <summary>
/// <c>sendmail</c>: how long a program waits that calls a sendmail, from exec to exit, beside what it waits for msmtp and dma. All take the same
/// message in turns. It runs in a mount namespace of its own, with its own /run and /etc, so that the relay and dma find their files where they
/// are installed and nothing of this machine is touched; that needs root.
/// </summary>
internal static class SendmailBench
{
    private const string Help = """
        sendmail: how long it takes to hand a message over, beside msmtp and dma (root; apt-get install msmtp)
          --rounds 50            of each, in turns
          --relay PATH           the executable to measure; published anew if left out
          --dma PATH             dma's executable, where its package was unpacked (apt-get download dma; dpkg -x); left out without it
        """;

    private const string Inside = "--inside";
    private const int WarmUp = 3;

    private static readonly byte[] s_message =
        Encoding.ASCII.GetBytes($"From: root\nTo: ann@example.net\nSubject: backup\n\n{string.Concat(Enumerable.Repeat("The backup of this night has ended without errors.\n", 20))}");

    /// <returns>An exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        (int rounds, string relay, string dma, bool isInside) = Parse(arguments);
        if (rounds == 0)
        {
            Console.WriteLine(Help);
            return 64;
        }

        if (!isInside)
        {
            string[] command = await PublishedRelay.CommandAsync(relay);
            using Process self = Process.Start("unshare",
            [
                "--mount", "dotnet", typeof(SendmailBench).Assembly.Location, "sendmail", Inside, "--relay", command[0], "--rounds", rounds.ToString(CultureInfo.InvariantCulture),
                .. dma.Length > 0 ? ["--dma", dma] : Array.Empty<string>(),
            ]);
            await self.WaitForExitAsync();
            return self.ExitCode;
        }

        using var folder = new TemporaryFolder();
        await using StandIn smarthost = await StandIn.StartAsync();
        await using SendmailStage stage = await SendmailStage.SetAsync(relay, dma, folder.Path, smarthost);
        var times = stage.Programs.ToDictionary(program => program.Name, _ => new List<ProgramTime>());
        for (int round = -WarmUp; round < rounds; round++)
        {
            foreach (CalledProgram program in stage.Programs)
            {
                ProgramTime time = ProgramTime.Of(program, s_message);
                if (round >= 0)
                {
                    times[program.Name].Add(time);
                }
            }
        }

        Write(times);
        return 0;
    }

    private static void Write(Dictionary<string, List<ProgramTime>> times)
    {
        Console.WriteLine("ms from exec to exit, and of these on a processor: median (least to most); how many times as long sendmail takes, by rounds");
        List<double> ours = Wall(SendmailStage.Ours);
        foreach (string name in times.Keys)
        {
            Spread processor = Spread.Of(times[name].Select(time => time.Processor.TotalMilliseconds));
            Console.WriteLine($"{name,-42} {Spread.Of(Wall(name)),-24} {processor,-24} {Spread.OfRatios(ours, Wall(name))}");
        }

        List<double> Wall(string name) => [.. times[name].Select(time => time.Wall.TotalMilliseconds)];
    }

    /// <returns>No rounds: the arguments are not understood.</returns>
    private static (int Rounds, string Relay, string Dma, bool IsInside) Parse(string[] arguments)
    {
        (int rounds, string relay, string dma, bool isInside) = (50, "", "", false);
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case Inside:
                    isInside = true;
                    break;
                case "--rounds" when i + 1 < arguments.Length:
                    rounds = int.Parse(arguments[++i], CultureInfo.InvariantCulture);
                    break;
                case "--relay" when i + 1 < arguments.Length:
                    relay = Path.GetFullPath(arguments[++i]);
                    break;
                case "--dma" when i + 1 < arguments.Length:
                    dma = Path.GetFullPath(arguments[++i]);
                    break;
                default:
                    return (0, "", "", false);
            }
        }

        return (rounds, relay, dma, isInside);
    }
}
