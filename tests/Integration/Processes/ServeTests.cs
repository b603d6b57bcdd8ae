using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Processes;

/// <summary><c>serve</c> as a process: how it ends, what it says, and what it does when its settings change.</summary>
public sealed class ServeTests : IDisposable
{
    private const int SigHup = 1;
    private const int SigInt = 2;
    private const int SigTerm = 15;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_port_that_is_taken_ends_the_start_with_69_and_names_it()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        (int exit, string output, string error) = await RelayProcess.RunAsync(
            "serve", "--Smarthost:Host=smarthost.test", $"--Listener:Endpoints={taken.LocalEndpoint}", $"--Queue:Path={_folder["queue"]}");

        Assert.Equal(69, exit);
        Assert.Contains(taken.LocalEndpoint.ToString()!, error, StringComparison.Ordinal);
        Assert.DoesNotContain("ready", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_relay_on_the_same_queue_ends_with_69()
    {
        await using RelayProcess relay = await RelayProcess.StartAsync(_folder["queue"], "Smarthost:Host=smarthost.test");

        (int exit, _, string error) = await RelayProcess.RunAsync(
            "serve", "--Smarthost:Host=smarthost.test", "--Listener:Endpoints=127.0.0.1:0", $"--Queue:Path={_folder["queue"]}");

        Assert.Equal(69, exit);
        Assert.Contains($"pid {relay.Id}", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(SigTerm)]
    [InlineData(SigInt)]
    public async Task A_signal_to_stop_ends_it_with_0_and_its_log_is_whole_JSON_lines(int signal)
    {
        await using RelayProcess relay = await RelayProcess.StartAsync(_folder["queue"], "Smarthost:Host=smarthost.test");

        relay.Signal(signal);

        Assert.Equal(0, await relay.ExitedAsync());
        JsonElement[] events = [.. relay.Lines.Select(line => JsonDocument.Parse(line).RootElement)];
        Assert.Equal("Stopped", events[^1].GetProperty("event").GetString());
        JsonElement ready = Assert.Single(events, entry => entry.GetProperty("event").GetString() == "Ready");
        Assert.Equal("smarthost.test:465 (TLS)", ready.GetProperty("smarthost").GetString());
        Assert.Equal(_folder["queue"], ready.GetProperty("queue").GetString());
        Assert.Equal($"stopped: undelivered=0 queue={_folder["queue"]} oldest=0s", events[^1].GetProperty("message").GetString());
    }

    [Theory]
    [InlineData("false", 0)]
    [InlineData("true", 75)]
    public async Task The_last_line_says_what_is_left_and_mail_that_is_lost_with_its_queue_makes_the_exit_code_75(string ephemeral, int exit)
    {
        await using RelayProcess relay = await RelayProcess.StartAsync(
            _folder["queue"], "Smarthost:Host=127.0.0.1", "Smarthost:Port=1", "Smarthost:Tls=None", $"Queue:Ephemeral={ephemeral}");
        await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
        await client.CommandAsync("EHLO test.example");
        Assert.StartsWith("250", await client.MailAsync("app@example.org", ["box@example.net"], "Subject: kept\r\n\r\nx"u8.ToArray()));

        relay.Signal(SigTerm);

        Assert.Equal(exit, await relay.ExitedAsync());
        Assert.Contains($"stopped: undelivered=1 queue={_folder["queue"]} oldest=", relay.Lines.Last(), StringComparison.Ordinal);
        Assert.Equal(exit == 75, relay.Lines.Any(line => line.Contains("lost with this queue", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_second_signal_ends_it_at_once_and_loses_nothing()
    {
        await using RelayProcess relay = await RelayProcess.StartAsync(_folder["queue"], "Smarthost:Host=127.0.0.1", "Smarthost:Port=1", "Smarthost:Tls=None", "ShutdownGrace=1h");
        await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
        await client.CommandAsync("EHLO test.example");
        Assert.StartsWith("250", await client.MailAsync("app@example.org", ["box@example.net"], "Subject: kept\r\n\r\nx"u8.ToArray()));

        // A message in the middle would hold up the stop for an hour.
        await client.CommandAsync("MAIL FROM:<app@example.org>");
        await client.CommandAsync("RCPT TO:<box@example.net>");
        Assert.StartsWith("354", await client.CommandAsync("DATA"));
        relay.Signal(SigTerm);
        await UntilAsync(() => relay.Lines.Any(line => line.Contains("Stopping", StringComparison.Ordinal)));
        relay.Signal(SigTerm);

        Assert.Equal(128 + SigTerm, await relay.ExitedAsync());
        (int exit, string output, _) = await RelayProcess.RunAsync("queue", "list", $"--Queue:Path={_folder["queue"]}");
        Assert.Equal(0, exit);
        Assert.Contains("1 message", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Drain_has_a_relay_beside_it_send_what_waits()
    {
        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        await using RelayProcess relay = await RelayProcess.StartAsync(_folder["queue"], [.. RelayProcess.SettingsFor(smarthost), "Queue:SendWhenAsked=true"]);
        await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
        await client.CommandAsync("EHLO test.example");
        Assert.StartsWith("250", await client.MailAsync("app@example.org", ["box@example.net"], "Subject: asked for\r\n\r\nx"u8.ToArray()));
        Assert.Empty(smarthost.Mails);

        (int exit, string output, _) = await RelayProcess.RunAsync("drain", "--timeout", "1m", $"--Queue:Path={_folder["queue"]}");

        Assert.Equal((0, "undelivered=0 oldest=0s\n"), (exit, output));
        Assert.Single(smarthost.Mails);
    }

    [Fact]
    public async Task A_changed_file_takes_effect_at_SIGHUP_and_a_bad_one_does_not()
    {
        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        string file = _folder.Write("relayproxy.json", """{ "Listener": { "MaxRecipients": 1 } }""");
        await using RelayProcess relay = await RelayProcess.StartAsync(
            _folder["queue"], [.. RelayProcess.SettingsFor(smarthost).Where(setting => !setting.StartsWith("Listener", StringComparison.Ordinal)), $"Queue:MinFreeOctets=0", .. ConfigIs(file)]);

        await File.WriteAllTextAsync(file, """{ "Listener": { "MaxRecipients": 2, "MaxErrors": 0 } }""", TestContext.Current.CancellationToken);
        relay.Signal(SigHup);
        await UntilAsync(() => relay.Lines.Any(line => line.Contains("stay in effect", StringComparison.Ordinal)));
        await File.WriteAllTextAsync(file, """{ "Listener": { "MaxRecipients": 2 } }""", TestContext.Current.CancellationToken);
        relay.Signal(SigHup);
        await UntilAsync(() => relay.Lines.Any(line => line.Contains("Listener:MaxRecipients is now", StringComparison.Ordinal)));

        await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
        await client.CommandAsync("EHLO test.example");
        await client.CommandAsync("MAIL FROM:<app@example.org>");
        Assert.StartsWith("250", await client.CommandAsync("RCPT TO:<one@example.net>"));
        Assert.StartsWith("250", await client.CommandAsync("RCPT TO:<two@example.net>"));
        Assert.StartsWith("452", await client.CommandAsync("RCPT TO:<three@example.net>"));
    }

    [Fact]
    public async Task Health_says_yes_while_it_runs_and_no_when_it_has_stopped()
    {
        await using RelayProcess relay = await RelayProcess.StartAsync(_folder["queue"], "Smarthost:Host=smarthost.test");
        string[] health = ["health", $"--Listener:Endpoints={relay.EndPoint}", $"--Queue:Path={_folder["queue"]}", "--Queue:MinFreeOctets=0"];

        Assert.Equal((0, "healthy\n"), Short(await RelayProcess.RunAsync(health)));
        relay.Signal(SigTerm);
        Assert.Equal(0, await relay.ExitedAsync());

        Assert.Equal(1, (await RelayProcess.RunAsync(health)).ExitCode);
    }

    /// <summary><see cref="RelayProcess"/> puts <c>--</c> before each.</summary>
    private static string[] ConfigIs(string file) => [$"config={file}"];

    private static (int ExitCode, string Output) Short((int ExitCode, string Output, string Error) result) => (result.ExitCode, result.Output);

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var safety = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!holds())
        {
            await Task.Delay(20, safety.Token);
        }
    }
}
