using System.Globalization;
using System.Text.RegularExpressions;

namespace RelayProxy.Integration.Sidecar;

/// <summary>What a relay beside an application promises, whatever it is that keeps the two together and the world out. One subclass for each such
/// thing.</summary>
public abstract partial class SidecarPromises(ISidecarStage stage)
{
    private static readonly TimeSpan s_safety = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task What_the_application_sends_to_localhost_25_arrives_at_the_smarthost()
    {
        await SendAsync("plain@example.net");

        await ArrivedAsync("plain@example.net");
    }

    [Theory]
    [InlineData(Outside.Host)]
    [InlineData(Outside.Neighbour)]
    public async Task Nobody_outside_reaches_the_relay_who_reaches_the_application(Outside place)
    {
        await using IAsyncDisposable server = stage.BeginPythonInApplication(
            "import socket; server = socket.create_server(('0.0.0.0', 8025)); print('ready', flush=True); server.accept()");
        await UntilAsync(async () => await ReachAsync("127.0.0.1", 25) == "reached");

        // The relay first: its port is closed while the application's is open.
        Assert.Equal("ConnectionRefusedError", await ReachAsync(stage.ApplicationAddress, 25, place));
        await UntilAsync(async () => await ReachAsync(stage.ApplicationAddress, 8025, place) == "reached");
    }

    [Fact]
    public async Task What_waits_survives_two_kills_and_arrives_once()
    {
        string[] recipients = [.. Enumerable.Range(0, 5).Select(i => string.Create(CultureInfo.InvariantCulture, $"killed{i}@example.net"))];
        await stage.StopSmarthostAsync();
        foreach (string recipient in recipients)
        {
            await SendAsync(recipient);
        }

        await stage.KillRelayAsync();
        await stage.StartRelayAsync();
        string waiting = (await stage.RelayCommandAsync("queue", "list")).Output;
        Assert.All(recipients, recipient => Assert.Contains($"<{recipient}>", waiting, StringComparison.Ordinal));

        await stage.KillRelayAsync();
        await stage.StartSmarthostAsync();
        await stage.StartRelayAsync();
        await DrainAsync();
        string log = await stage.SmarthostLogAsync();
        Assert.All(recipients, recipient => Assert.Equal(1, Regex.Count(log, Regex.Escape($"<{recipient}>"))));
    }

    [Fact]
    public async Task A_stop_sends_what_it_can_and_its_last_line_says_what_is_left()
    {
        await stage.StopSmarthostAsync();
        await SendAsync("stopped@example.net");

        Assert.Equal(0, await stage.StopRelayAsync());

        Match last = LastLine().Matches(await stage.RelayLogAsync()).Last();
        Assert.InRange(int.Parse(last.Groups["undelivered"].Value, CultureInfo.InvariantCulture), 1, int.MaxValue);
        await stage.StartSmarthostAsync();
        await stage.StartRelayAsync();
        await DrainAsync();
        await ArrivedAsync("stopped@example.net");
    }

    [Fact]
    public async Task Drain_waits_until_a_smarthost_that_is_back_has_everything()
    {
        await stage.StopSmarthostAsync();
        await SendAsync("drained@example.net");
        Assert.Equal(75, (await stage.RelayCommandAsync("drain", "--timeout", "0")).Status);

        await stage.StartSmarthostAsync();
        await DrainAsync();

        await ArrivedAsync("drained@example.net");
    }

    [Fact]
    public async Task It_is_healthy_and_its_user_has_no_right_beyond_its_own()
    {
        (int exit, string said) = await stage.RelayCommandAsync("health");
        Assert.True(exit == 0 && said.StartsWith("healthy", StringComparison.Ordinal), said);

        string status = await stage.RelayProcessStatusAsync();
        Assert.Matches(@"CapEff:\s+0000000000000000", status);
        Assert.Matches(@"CapBnd:\s+0000000000000000", status);
        Assert.Matches(@"NoNewPrivs:\s+1", status);
    }

    private protected async Task SendAsync(string recipient)
    {
        string refused = await stage.PythonInApplicationAsync(
            $"""
            import smtplib
            with smtplib.SMTP("localhost", 25, timeout=30) as smtp:
                print(smtp.sendmail("app@example.org", ["{recipient}"], "Subject: From the application\n\nIt works.\n"))
            """);
        Assert.Equal("{}", refused);
    }

    /// <summary>What was tried in vain is not tried again by itself within the next minute.</summary>
    private protected async Task DrainAsync()
    {
        (int status, string output) = await stage.RelayCommandAsync("drain", "--timeout", "60s");
        Assert.True(status == 0, output);
    }

    private protected Task ArrivedAsync(string recipient) =>
        UntilAsync(async () => (await stage.SmarthostLogAsync()).Contains($"to <{recipient}>", StringComparison.Ordinal));

    private protected static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var safety = new CancellationTokenSource(s_safety);
        while (!await holds())
        {
            await Task.Delay(50, safety.Token);
        }
    }

    /// <summary><c>reached</c>, or the name of Python's exception.</summary>
    /// <param name="place"><c>null</c>: from where the application is.</param>
    private Task<string> ReachAsync(string address, int port, Outside? place = null)
    {
        string program = string.Create(
            CultureInfo.InvariantCulture,
            $"""
            import socket
            try:
                socket.create_connection(("{address}", {port}), 10).close()
                print("reached")
            except OSError as trouble:
                print(type(trouble).__name__)
            """);
        return place is { } outside ? stage.PythonOutsideAsync(outside, program) : stage.PythonInApplicationAsync(program);
    }

    [GeneratedRegex(@"stopped: undelivered=(?<undelivered>\d+) queue=\S+ oldest=")]
    private static partial Regex LastLine();
}
