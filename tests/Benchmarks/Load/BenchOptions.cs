using System.Globalization;

namespace RelayProxy.Benchmarks.Load;

/// <summary>What is measured.</summary>
internal sealed record BenchOptions
{
    public const string Help = """
        load: how much mail the relay takes and sends on, beside what Postfix does with the same mail and the same smarthost
          --clients 1,10,50      programs that send at the same time; one table row each
          --octets 4096          size of a message
          --messages 2000        in each round, by all clients together
          --rounds 3             of each row; the servers take turns
          --latency 0            milliseconds that the smarthost holds back each group of replies
          --connections 20       to the smarthost at the same time, for both
          --reuse                a client keeps its connection for all its messages
          --pipelined            a client says MAIL, RCPT and DATA in one go
          --single 100           messages sent one by one, for the time from the end of data to the smarthost's 250
          --against postfix      measure Postfix too (needs root: apt-get install postfix)
          --postfix KEY=VALUE    a line for its main.cf
          --set KEY=VALUE        a setting for the relay
          --relay PATH           the relay to measure: an executable or a dll; the one built with this program if left out
        start: from exec to the first 220, and what an idle relay holds in memory
          --rounds 10            starts
          --relay PATH, --set KEY=VALUE
        """;

    public int[] Clients { get; private set; } = [1, 10, 50];

    public int Octets { get; private set; } = 4096;

    public int Messages { get; private set; } = 2000;

    public int? Rounds { get; private set; }

    public int LatencyMilliseconds { get; private set; }

    public int Connections { get; private set; } = 20;

    public bool Reuse { get; private set; }

    public bool Pipelined { get; private set; }

    public int Single { get; private set; } = 100;

    public bool AgainstPostfix { get; private set; }

    public List<string> PostfixSettings { get; } = [];

    public List<string> RelaySettings { get; } = [];

    public string Relay { get; private set; } = Harness.RelayProcess.Assembly;

    /// <exception cref="FormatException">Not something that can be measured.</exception>
    public static BenchOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new BenchOptions();
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--reuse":
                    options.Reuse = true;
                    continue;
                case "--pipelined":
                    options.Pipelined = true;
                    continue;
            }

            if (i + 1 == arguments.Length)
            {
                throw new FormatException($"{arguments[i]} is not known, or its value is missing");
            }

            options.Take(arguments[i], arguments[++i]);
        }

        return options;
    }

    private void Take(string name, string value)
    {
        switch (name)
        {
            case "--clients":
                Clients = [.. value.Split(',').Select(Number)];
                break;
            case "--octets":
                Octets = Number(value);
                break;
            case "--messages":
                Messages = Number(value);
                break;
            case "--rounds":
                Rounds = Number(value);
                break;
            case "--latency":
                LatencyMilliseconds = Number(value);
                break;
            case "--connections":
                Connections = Number(value);
                break;
            case "--single":
                Single = Number(value);
                break;
            case "--against" when value == "postfix":
                AgainstPostfix = true;
                break;
            case "--postfix":
                PostfixSettings.Add(value);
                break;
            case "--set":
                RelaySettings.Add(value);
                break;
            case "--relay":
                Relay = Path.GetFullPath(value);
                break;
            default:
                throw new FormatException($"{name} {value} is not known");
        }
    }

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
