using System.Globalization;
using RelayProxy.Harness.Load;

namespace RelayProxy.Benchmarks.Load;

/// <summary>The figures: medians of the rounds, and of the ratios of rounds that stood side by side, with the least and the most.</summary>
internal static class LoadReport
{
    private static readonly List<double> s_elsewhere = [];

    public static void Begin(List<MailServer> servers)
    {
        string ratios = servers.Count > 1 ? "  arrived: ratio (least to most)   cpu: ratio (least to most)" : "";
        Line("                                                                           processor ms for each message");
        Line($"  size  latency  conns  clients  reuse  server   accepted/s  arrived/s    server  stand-in  generator  held MB{ratios}");
    }

    /// <param name="rounds">Of each server.</param>
    public static void Row(Cell cell, List<MailServer> servers, List<Round>[] rounds)
    {
        for (int i = 0; i < servers.Count; i++)
        {
            List<Round> own = rounds[i];
            s_elsewhere.AddRange(own.Select(round => round.ElsewhereShare));
            string ratios = i == 0 && servers.Count > 1 ? $"  {Ratio(rounds, r => r.Arrived),-31}  {Ratio(rounds, r => 1.0 / Math.Max(r.Work.Server.Ticks, 1))}" : "";
            Line($"{Size(cell.Octets),6}  {cell.LatencyMilliseconds,7}  {cell.Connections,5}  {cell.Clients,7}  {(cell.Reuse ? "yes" : "no"),-5}  {servers[i].Name,-7}  "
                + $"{Typical(own, r => r.Accepted),10:N0}  {Typical(own, r => r.Arrived),9:N0}  {Typical(own, r => r.Work.Server.TotalMilliseconds),8:N3}  "
                + $"{Typical(own, r => r.Work.StandIn.TotalMilliseconds),8:N3}  {Typical(own, r => r.Work.Generator.TotalMilliseconds),9:N3}  "
                + $"{Typical(own, r => r.ResidentOctets / 1e6),7:N0}{ratios}");
        }
    }

    public static void Peak(int connections, List<MailServer> servers) =>
        Line($"relay with {connections} connections: at most {servers[0].Processes.PeakOctets / 1e6:N0} MB resident");

    public static void Single(string name, List<double> milliseconds)
    {
        double[] sorted = [.. milliseconds.Order()];
        Line($"{name}: one message from the end of data to the smarthost's 250: median {Median(sorted):N1} ms, "
            + $"9 of 10 within {sorted[sorted.Length * 9 / 10]:N1} ms");
    }

    /// <summary>How quiet the machine was. The kernel's own work on disks and networks is counted here, too.</summary>
    public static void End() =>
        Line($"processor time that went elsewhere: {Spread.Of(s_elsewhere.Select(share => 100 * share))} % of {Environment.ProcessorCount} processors");

    public static double Median(IEnumerable<double> values) => Spread.Of(values).Median;

    private static Spread Ratio(List<Round>[] rounds, Func<Round, double> figure) =>
        Spread.OfRatios(rounds[0].Select(figure), rounds[1].Select(figure));

    private static double Typical(List<Round> rounds, Func<Round, double> figure) => Median(rounds.Select(figure));

    private static string Size(int octets) => octets switch
    {
        >= 1024 * 1024 when octets % (1024 * 1024) == 0 => $"{octets / (1024 * 1024)} MB",
        >= 1024 when octets % 1024 == 0 => $"{octets / 1024} KB",
        _ => octets.ToString(CultureInfo.InvariantCulture),
    };

    private static void Line(string text) => Console.WriteLine(text);
}
