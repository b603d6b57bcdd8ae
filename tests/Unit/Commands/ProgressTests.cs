using RelayProxy.Commands;
using RelayProxy.Configuration;
using RelayProxy.Harness;

namespace RelayProxy.Unit.Commands;

public class ProgressTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public void Who_waits_at_a_terminal_sees_now_and_then_how_far_it_is_and_no_trace_of_it_at_the_end()
    {
        using var output = new StringWriter();
        var progress = new Progress(Context(output, isTerminal: true));

        progress.Show("at once");
        _clock.Advance(TimeSpan.FromSeconds(1));
        progress.Show("512 messages retried so far");
        progress.Show("right after");
        progress.Clear();
        progress.Clear();

        Assert.Equal("\r\e[K512 messages retried so far\r\e[K", output.ToString());
    }

    [Fact]
    public void A_file_gets_nothing_of_it()
    {
        using var output = new StringWriter();
        var progress = new Progress(Context(output, isTerminal: false));

        _clock.Advance(TimeSpan.FromSeconds(1));
        progress.Show("512 messages retried so far");
        progress.Clear();

        Assert.Equal("", output.ToString());
    }

    private CommandContext Context(StringWriter output, bool isTerminal) => new()
    {
        Output = output,
        Error = output,
        OpenOutputStream = () => Stream.Null,
        IsTerminal = isTerminal,
        Clock = _clock,
        Inputs = new ConfigurationInputs { Root = "/nowhere", WorkingFolder = "/nowhere" },
        MakeStore = _ => throw new InvalidOperationException("No store is needed here."),
    };
}
