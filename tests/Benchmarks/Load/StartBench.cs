using System.Globalization;
using RelayProxy.Harness;
using RelayProxy.Harness.Load;

namespace RelayProxy.Benchmarks.Load;

/// <summary><c>start</c>: from exec to the first 220, and what a relay holds in memory that has nothing to do.</summary>
internal static class StartBench
{
    private static readonly TimeSpan s_toSettle = TimeSpan.FromSeconds(2);

    /// <returns>An exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments)
    {
        BenchOptions options = BenchOptions.Parse(arguments);
        string[] command = await PublishedRelay.CommandAsync(options.Relay);
        var milliseconds = new List<double>();
        for (int i = 0; i < (options.Rounds ?? 10); i++)
        {
            using var folder = new TemporaryFolder();
            await using RelayUnderLoad relay = await RelayUnderLoad.StartAsync(options, command, folder.Path, ["Smarthost:Host=127.0.0.1", "Smarthost:Tls=None"]);
            milliseconds.Add(relay.StartUp.TotalMilliseconds);
            if (i == 0)
            {
                await Task.Delay(s_toSettle);
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"idle: {relay.Processes.OwnResidentOctets / 1e6:N1} MB resident, {relay.Processes.PeakOctets / 1e6:N1} MB at most"));
            }
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"exec to 220: median {Spread.Of(milliseconds)} ms"));
        return 0;
    }
}
