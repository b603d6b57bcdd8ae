using System.Globalization;

namespace RelayProxy.Benchmarks.Load;

/// <summary>The figures: medians of the rounds, and of the ratios of rounds that stood side by side, with the least and the most.</summary>
internal static class LoadReport
{
    public static void Begin(BenchOptions options, List<MailServer> servers)
    {
        Line($"{options.Octets:N0} octets, {options.Messages:N0} messages a round, {options.Connections} connections to a smarthost {options.LatencyMilliseconds} ms away, "
            + $"{(options.Reuse ? "clients keep their connection" : "a connection for each message")}{(options.Pipelined ? ", pipelined" : "")}");
        Line($"clients  server    accepted/s   arrived/s   cpu µs/msg   held MB{(servers.Count > 1 ? "   arrived: ratio (least to most)   cpu: ratio" : "")}");
    }

    public static void Row(int clients, List<MailServer> servers, List<Round[]> rounds)
    {
        for (int i = 0; i < servers.Count; i++)
        {
            Round[] own = [.. rounds.Select(round => round[i])];
            string ratios = "";
            if (i == 0 && servers.Count > 1)
            {
                double[] arrived = [.. rounds.Select(round => round[0].Arrived / round[1].Arrived)];
                double[] work = [.. rounds.Select(round => round[1].ProcessorTime / round[0].ProcessorTime)];
                ratios = string.Create(CultureInfo.InvariantCulture, $"   {Median(arrived),8:N1} ({arrived.Min():N1} to {arrived.Max():N1})               {Median(work),8:N1}");
            }

            Line($"{clients,7}  {servers[i].Name,-8}  {Median(own.Select(r => r.Accepted)),10:N0}  {Median(own.Select(r => r.Arrived)),10:N0}   "
                + $"{Median(own.Select(r => r.ProcessorTime.TotalMicroseconds)),10:N0}   {Median(own.Select(r => r.ResidentOctets / 1e6)),7:N0}{ratios}");
        }
    }

    public static void End(List<MailServer> servers) => Line($"relay, most memory ever resident: {servers[0].Processes.PeakOctets / 1e6:N0} MB");

    public static void Single(string name, double[] milliseconds)
    {
        Array.Sort(milliseconds);
        Line($"{name}: one message from the end of data to the smarthost's 250: median {Median(milliseconds):N1} ms, "
            + $"9 of 10 within {milliseconds[milliseconds.Length * 9 / 10]:N1} ms");
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    private static void Line(string text) => Console.WriteLine(text);
}
