using System.Text;
using RelayProxy.Commands.Demo;

namespace RelayProxy.Unit.Commands.Demo;

public sealed class DemoScreenTests : IDisposable
{
    private readonly StringWriter _output = new();

    [Fact]
    public void Without_a_terminal_there_is_no_escape_sequence()
    {
        var screen = new DemoScreen(_output, colour: false);
        screen.Heading("Title");
        screen.Dialogue([new DialogueLine(FromServer: true, "220 x"), new DialogueLine(FromServer: false, "QUIT")]);
        screen.Message("Arrived", Arrival("Subject: x\r\n\r\ntext\r\n"));

        Assert.Equal("\nTitle\n  <- 220 x\n  -> QUIT\n\nArrived\n  | Subject: x\n  |\n  | text\n", _output.ToString());
    }

    [Fact]
    public void Whoever_sends_mail_does_not_paint_on_the_terminal()
    {
        var screen = new DemoScreen(_output, colour: true);
        screen.Message("Arrived", Arrival("\u001b[2J\u202e\u009b1mÄ\r\n"));
        screen.Dialogue([new DialogueLine(FromServer: true, "220 \u0007")]);

        Assert.Contains("\\x1b[2J", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("Ä", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b[2J", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\u202e', _output.ToString());
        Assert.DoesNotContain('\u009b', _output.ToString());
        Assert.DoesNotContain('\u0007', _output.ToString());
    }

    [Fact]
    public void A_long_message_is_shown_from_its_beginning()
    {
        var screen = new DemoScreen(_output, colour: false);
        screen.Message("Arrived", Arrival(string.Concat(Enumerable.Repeat("line\r\n", 1000))));

        Assert.Equal(60, _output.ToString().Split("| line").Length - 1);
        Assert.EndsWith("| (and so on: 6,000 octets in all)\n", _output.ToString(), StringComparison.Ordinal);
    }

    public void Dispose() => _output.Dispose();

    private static DemoArrival Arrival(string content) => new(1, "a@b", ["c@d"], Encoding.UTF8.GetBytes(content), Encoding.UTF8.GetByteCount(content), []);
}
