using System.Diagnostics;
using System.Globalization;
using RelayProxy.Benchmarks.Load;
using RelayProxy.Harness;

namespace RelayProxy.Benchmarks.Scale;

/// <summary>The daemon as a process, with everything due and a smarthost that takes it: how fast in its first seconds, and in how much memory.</summary>
internal static class DrainFigures
{
    private static readonly TimeSpan s_for = TimeSpan.FromSeconds(10);

    public static async Task MeasureAsync(string folder, Figures figures)
    {
        await using StandIn smarthost = await StandIn.StartAsync();
        long began = Stopwatch.GetTimestamp();
        await using RelayProcess relay = await RelayProcess.StartAsync(
            folder,
            "Smarthost:Host=localhost", string.Create(CultureInfo.InvariantCulture, $"Smarthost:Port={smarthost.Port}"), $"Smarthost:CaFile={smarthost.AuthorityFile}",
            $"Smarthost:Username={StandIn.Username}", $"Smarthost:Password={StandIn.Password}", "Smarthost:Provider=Unlimited",
            "Smarthost:MaxMessagesPerConnection=0", "Smarthost:MaxConnections=20", "Intake:HostName=relay.example.org");
        await Task.Delay(s_for);
        figures.Add("serve, draining, messages/s", smarthost.Total / Stopwatch.GetElapsedTime(began).TotalSeconds, "N0");
        figures.Add("serve, draining, resident MB at most", relay.PeakResidentOctets / 1e6);
    }
}
