using System.Diagnostics;
using RelayProxy.Benchmarks.Load;
using RelayProxy.Harness;

namespace RelayProxy.Benchmarks.Scale;

/// <summary>Commands and the daemon as processes: how long from exec to the end, or to readiness, and how much memory.</summary>
internal static class ProcessFigures
{
    private const int Rounds = 3;
    private static readonly TimeSpan s_toSettle = TimeSpan.FromSeconds(3);

    public static async Task MeasureAsync(string folder, Figures figures)
    {
        string queue = $"--Queue:Path={folder}";
        await TimeAsync(figures, "exec: version, ms", "version");
        await TimeAsync(figures, "exec: queue list | head, ms", $"queue list {queue}");
        await TimeAsync(figures, "exec: mailq | head, ms", $"mailq {queue}");
        await TimeAsync(figures, "exec: trace an unknown ADDRESS, ms", $"trace nobody@nowhere.example {queue}");

        long began = Stopwatch.GetTimestamp();
        await using RelayProcess relay = await RelayProcess.StartAsync(folder, "Smarthost:Host=127.0.0.1", "Smarthost:Port=1", "Smarthost:Tls=None");
        figures.Add("exec: serve until ready, ms", Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        await Task.Delay(s_toSettle);
        figures.Add("serve, resident MB", relay.ResidentOctets / 1e6);
    }

    private static async Task TimeAsync(Figures figures, string name, string command)
    {
        var milliseconds = new List<double>();
        for (int i = 0; i < Rounds; i++)
        {
            long began = Stopwatch.GetTimestamp();
            await ChildProcess.RunAsync("sh", ["-c", $"dotnet {RelayProcess.Assembly} {command} 2>&1 | head >/dev/null"], new Dictionary<string, string>());
            milliseconds.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        figures.Add(name, LoadReport.Median(milliseconds), "N0");
    }
}
