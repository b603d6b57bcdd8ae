using RelayProxy.Harness;
using RelayProxy.Integration.Foreign;

namespace RelayProxy.Integration.Processes;

/// <summary><c>top</c> on a terminal, which Python plays.</summary>
public sealed class TopTests : IDisposable
{
    /// <summary>Starts a program on a terminal of 12 lines, waits until it has drawn something, ends it in the way that is named, and prints how it ended,
    /// whether the terminal is set as it was, and everything that came.</summary>
    private const string Terminal =
        """
        import fcntl, os, pty, select, signal, struct, sys, termios, time
        way, command = sys.argv[1], sys.argv[2:]
        child, terminal = pty.fork()
        if child == 0:
            os.environ["TERM"] = "xterm"
            os.execvp(command[0], command)
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 12, 60, 0, 0))
        before = termios.tcgetattr(terminal)
        seen, until = b"", time.time() + 60
        def read_to(mark):
            global seen
            while mark not in seen and time.time() < until:
                if select.select([terminal], [], [], 0.1)[0]:
                    seen += os.read(terminal, 65536)
        read_to(b"\x1b[J")
        if way == "q":
            os.write(terminal, b"xq")
        elif way == "ctrl-c":
            os.write(terminal, b"\x03")
        else:
            os.kill(child, signal.SIGTERM)
        read_to(b"\x1b[?1049l")
        status = os.waitpid(child, 0)[1]
        print("status", status, "as before" if termios.tcgetattr(terminal) == before else "changed")
        sys.stdout.flush()
        os.write(1, seen)
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("q")]
    [InlineData("ctrl-c")]
    [InlineData("SIGTERM")]
    public async Task The_screen_is_its_own_and_given_back_as_it_was(string way)
    {
        await Programs.RequireAsync("python3");
        await using RelayProcess relay = await RelayProcess.StartAsync(_folder["queue"], "Smarthost:Host=smarthost.test");

        string seen = await Programs.RunAsync(
            "python3", "-c", Terminal, way, "dotnet", RelayProcess.Assembly, "top", $"--Queue:Path={_folder["queue"]}",
            $"--Listener:Endpoints={relay.EndPoint}", "--Smarthost:Host=smarthost.test");

        Assert.StartsWith("status 0 as before", seen, StringComparison.Ordinal);
        Assert.Contains("\e[?1049h", seen, StringComparison.Ordinal);
        Assert.Contains("relay        is well", seen, StringComparison.Ordinal);
        Assert.Contains("queue        0 messages", seen, StringComparison.Ordinal);
        Assert.EndsWith("\e[?25h\e[?1049l", seen.TrimEnd(), StringComparison.Ordinal);
    }
}
