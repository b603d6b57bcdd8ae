using System.Globalization;

namespace RelayProxy.Benchmarks.Load;

/// <summary>Which program sends.</summary>
internal enum GeneratorKind
{
    Own,
    SmtpSource,
}

/// <summary>What is measured.</summary>
internal sealed class BenchOptions
{
    public const string Help = """
        load: how much mail the relay takes and sends on, beside what Postfix does with the same mail and the same smarthost
          --against postfix      measure Postfix too (needs root: apt-get install postfix)
          --quick                the rows there is a goal for; less than three minutes
          --matrix               sizes, clients, latencies; less than fifteen minutes
        rows of one's own, each with each (lists: 1,10,50):
          --octets 4k            size of a message: 1k, 100k, 10m
          --clients 1,10,50      programs that send at the same time
          --reuse no             yes: a client keeps its connection for all its messages; both
          --latency 0            milliseconds that the smarthost holds back each group of replies
          --connections 20       to the smarthost at the same time, for both
        how:
          --rounds 3             of each row; the servers take turns
          --seconds 1            that a round takes, about
          --single 100           messages sent one by one, for the time from the end of data to the smarthost's 250
          --generator own        who sends: own, or smtp-source, which comes with Postfix
          --pipelined            our own says MAIL, RCPT and DATA in one go
          --postfix KEY=VALUE    a line for its main.cf
          --set KEY=VALUE        a setting for the relay
          --relay PATH           the relay to measure: an executable or a dll; published anew if left out
        start: from exec to the first 220, and what an idle relay holds in memory
          --rounds 10            starts
          --relay PATH, --set KEY=VALUE
        """;

    private int[] _octets = [4096];
    private int[] _clients = [1, 10, 50];
    private bool[] _reuse = [false];
    private int[] _latencies = [0];
    private int[] _connections = [20];
    private IReadOnlyList<Cell>? _set;

    public int? Rounds { get; private set; }

    public double Seconds { get; private set; } = 1;

    public int Single { get; private set; } = 100;

    public GeneratorKind Generator { get; private set; }

    public bool Pipelined { get; private set; }

    public bool AgainstPostfix { get; private set; }

    public List<string> PostfixSettings { get; } = [];

    public List<string> RelaySettings { get; } = [];

    /// <summary>Empty to publish one.</summary>
    public string Relay { get; private set; } = "";

    /// <summary>The rows of the table.</summary>
    public IReadOnlyList<Cell> Cells => _set ??
    [
        .. from connections in _connections
           from octets in _octets
           from latency in _latencies
           from clients in _clients
           from reuse in _reuse
           select new Cell(octets, clients, reuse, latency, connections),
    ];

    /// <exception cref="FormatException">Not something that can be measured.</exception>
    public static BenchOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new BenchOptions();
        for (int i = 0; i < arguments.Length; i++)
        {
            switch (arguments[i])
            {
                case "--quick":
                    options._set = Cell.Quick;
                    continue;
                case "--matrix":
                    options._set = Cell.Matrix;
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
            case "--octets":
                _octets = [.. value.Split(',').Select(Octets)];
                break;
            case "--clients":
                _clients = Numbers(value);
                break;
            case "--reuse":
                _reuse = value switch { "yes" => [true], "no" => [false], "both" => [false, true], _ => throw Unknown(name, value) };
                break;
            case "--latency":
                _latencies = Numbers(value);
                break;
            case "--connections":
                _connections = Numbers(value);
                break;
            case "--rounds":
                Rounds = Number(value);
                break;
            case "--seconds":
                Seconds = double.Parse(value, CultureInfo.InvariantCulture);
                break;
            case "--single":
                Single = Number(value);
                break;
            case "--generator":
                Generator = value switch { "own" => GeneratorKind.Own, "smtp-source" => GeneratorKind.SmtpSource, _ => throw Unknown(name, value) };
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
                throw Unknown(name, value);
        }
    }

    private static FormatException Unknown(string name, string value) => new($"{name} {value} is not known");

    private static int[] Numbers(string list) => [.. list.Split(',').Select(Number)];

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    private static int Octets(string text) => char.ToLowerInvariant(text[^1]) switch
    {
        'k' => Number(text[..^1]) * 1024,
        'm' => Number(text[..^1]) * 1024 * 1024,
        _ => Number(text),
    };
}
