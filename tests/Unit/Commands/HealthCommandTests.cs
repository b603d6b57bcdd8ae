using System.Net;
using System.Net.Sockets;
using System.Text;
using RelayProxy.Mail;
using RelayProxy.Harness;

namespace RelayProxy.Unit.Commands;

/// <summary><c>health</c> against a listener that says what the test wants.</summary>
public sealed class HealthCommandTests : IDisposable
{
    private readonly TemporaryFolder _queue = new();

    public void Dispose() => _queue.Dispose();

    [Theory]
    [InlineData("211-2.0.0 delivery: ok\r\n211 2.0.0 queue: ok\r\n")]
    [InlineData("214 2.0.0 RFC 5321 tells the rest.\r\n")]     // a relay that does not know the question
    [InlineData("502 5.5.1 No\r\n")]
    public async Task A_listener_that_answers_its_dialogue_is_healthy(string health)
    {
        (int exit, string said, string heard) = await AskAsync(
            "220 relay.test ESMTP\r\n", "250-relay.test\r\n250 SIZE\r\n", "250 OK\r\n", health, "221 Bye\r\n");

        Assert.Equal((ExitCode.Ok, "healthy\n"), (exit, said));
        Assert.Equal("EHLO localhost\r\nNOOP\r\nHELP HEALTH\r\nQUIT\r\n", heard);
    }

    [Fact]
    public async Task What_the_relay_says_of_itself_counts()
    {
        (int exit, string said, _) = await AskAsync(
            "220 relay.test\r\n", "250 relay.test\r\n", "250 OK\r\n",
            "451-4.3.0 delivery: its loop has not come round for 75 s\r\n451-4.3.0 queue: ok\r\n451 4.3.0 disk: 5 octets are free\r\n", "221 Bye\r\n");

        Assert.Equal(
            (ExitCode.No, "unhealthy; delivery: its loop has not come round for 75 s; disk: 5 octets are free\n"), (exit, said));
    }

    [Theory]
    [InlineData("disk: 5 octets are free", ExitCode.Ok, "healthy")]
    [InlineData("delivery: its loop has not come round for 75 s", ExitCode.No, "unhealthy; delivery: its loop has not come round for 75 s")]
    public async Task What_no_restart_would_mend_is_no_reason_for_one(string finding, int exit, string words)
    {
        (int exited, string said, _) = await AskAsync(
            ["220 relay.test\r\n", "250 relay.test\r\n", "250 OK\r\n", $"451-4.3.0 listener: ok\r\n451 4.3.0 {finding}\r\n", "221 Bye\r\n"], ["--live"]);

        Assert.Equal((exit, words + "\n"), (exited, said));
    }

    [Theory]
    [InlineData(ExitCode.Ok, "healthy")]
    [InlineData(ExitCode.No, "unhealthy", "--require-smarthost")]
    [InlineData(ExitCode.No, "unhealthy", "--Telemetry:ReadyNeedsSmarthost=true")]
    public async Task A_smarthost_that_is_away_is_told_and_is_ill_health_only_if_asked_for(int exit, string word, params string[] arguments)
    {
        (int exited, string said, _) = await AskAsync(
            ["220 relay.test\r\n", "250 relay.test\r\n", "250 OK\r\n", "211-2.0.0 queue: ok\r\n211 2.0.0 smarthost: it cannot be reached\r\n", "221 Bye\r\n"],
            arguments);

        Assert.Equal((exit, $"{word}; smarthost: it cannot be reached\n"), (exited, said));
    }

    [Fact]
    public async Task A_relay_whose_places_are_all_taken_is_busy_and_not_ill() =>
        Assert.Equal(ExitCode.Ok, (await AskAsync("421 4.7.0 Too many connections: try again later\r\n")).Exit);

    [Theory]
    [InlineData("answers the greeting with 554 no", "554 no\r\n")]
    [InlineData("answers EHLO with 421 4.3.2 busy", "220 relay.test\r\n", "421 4.3.2 busy\r\n")]
    [InlineData("answers NOOP with 451 4.3.0 no", "220 relay.test\r\n", "250 relay.test\r\n", "451 4.3.0 no\r\n")]
    public async Task A_wrong_answer_is_ill_health(string trouble, params string[] replies)
    {
        (int exit, string said, _) = await AskAsync(replies);

        Assert.Equal(ExitCode.No, exit);
        Assert.StartsWith("unhealthy; listener: 127.0.0.1:", said, StringComparison.Ordinal);
        Assert.EndsWith(trouble + "\n", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("220 relay.test\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n")]
    public async Task A_listener_that_hangs_up_or_speaks_something_else_is_ill_health(params string[] replies) =>
        Assert.Equal(ExitCode.No, (await AskAsync(replies)).Exit);

    [Fact]
    public async Task A_listener_that_says_nothing_is_given_up_after_the_timeout()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var clock = new TestClock();
        var run = new CommandRun { Clock = clock };
        Task<int> asked = run.RunAsync(null, "health", "--timeout", "3", $"--Listener:Endpoints={listener.LocalEndpoint}", $"--Queue:Path={_queue.Path}");
        using Socket connection = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);

        clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(ExitCode.No, await asked);
        Assert.Equal($"unhealthy; listener: {listener.LocalEndpoint} does not answer within 3 s\n", run.Said);
    }

    [Fact]
    public async Task A_Unix_socket_is_asked_too()
    {
        string path = _queue["smtp.sock"];
        var run = new CommandRun();

        Assert.Equal(ExitCode.No, await run.RunAsync(null, "health", $"--Listener:Endpoints=unix:{path}", $"--Queue:Path={_queue.Path}"));
        Assert.StartsWith($"unhealthy; listener: {path} ", run.Said, StringComparison.Ordinal);
    }

    private Task<(int Exit, string Said, string Heard)> AskAsync(params string[] replies) => AskAsync(replies, []);

    private async Task<(int Exit, string Said, string Heard)> AskAsync(string[] replies, string[] arguments)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        Task<string> heard = ServeAsync(listener, replies);
        var run = new CommandRun();
        int exit = await run.RunAsync(null, ["health", $"--Listener:Endpoints={listener.LocalEndpoint}", $"--Queue:Path={_queue.Path}", "--Queue:MinFreeOctets=0", .. arguments]);
        return (exit, run.Said, await heard);
    }

    /// <summary>Says one reply, hears one line, and so on; then hangs up.</summary>
    private static async Task<string> ServeAsync(TcpListener listener, string[] replies)
    {
        using TcpClient client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        using NetworkStream stream = client.GetStream();
        using var lines = new StreamReader(stream);
        var heard = new StringBuilder();
        foreach (string reply in replies)
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes(reply), TestContext.Current.CancellationToken);
            if (reply.StartsWith("221", StringComparison.Ordinal))
            {
                break;
            }

            if (await lines.ReadLineAsync(TestContext.Current.CancellationToken) is not { } line)
            {
                break;
            }

            heard.Append(line).Append("\r\n");
        }

        return heard.ToString();
    }
}
