using RelayProxy.Commands;
using RelayProxy.Configuration;
using RelayProxy.Harness;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Commands;

/// <summary>Runs a command in memory.</summary>
internal sealed class CommandRun
{
    public bool IsTerminal { get; init; }

    public bool NoColour { get; init; }

    public TimeProvider Clock { get; init; } = new TestClock();

    /// <summary>Where it prints instead of into <see cref="Said"/>.</summary>
    public TextWriter? Output { get; init; }

    public Dictionary<string, string> Environment { get; } = [];

    /// <summary>Why there is no queue, where none is given.</summary>
    public QueueUnavailableException Trouble { get; init; } = new("no queue");

    /// <summary>What it printed, errors included.</summary>
    public string Said { get; private set; } = "";

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(IQueueStore? store, params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        int exit = await CommandTable.RunAsync(arguments, Context(output, store));
        Said = output.ToString();
        return exit;
    }

    /// <summary>The commands themselves.</summary>
    public static CommandModel Describe()
    {
        using var output = new StringWriter();
        return CommandTable.Describe(new CommandRun().Context(output, store: null));
    }

    private CommandContext Context(StringWriter output, IQueueStore? store) => new()
    {
        Output = Output ?? output,
        Error = output,
        OpenOutputStream = () => new MemoryStream(),
        IsTerminal = IsTerminal,
        NoColour = NoColour,
        Clock = Clock,
        Inputs = new ConfigurationInputs { Environment = Environment, Root = "/nowhere", WorkingFolder = "/nowhere" },
        MakeStore = _ => store ?? throw Trouble,
    };
}
