using System.Globalization;
using System.Net;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Processes;

/// <summary>The relay as a process, watched: its metrics after some mail, and the command that container probes run.</summary>
public sealed class WatchedTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Metrics_tell_what_came_of_each_message()
    {
        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        smarthost.OnRcpt = step => step.Line.Contains("nobody", StringComparison.Ordinal) ? "550 5.1.1 Nobody of that name" : "250 2.1.5 Ok";
        await using RelayProcess relay = await RelayProcess.StartAsync(
            _folder["queue"], [.. RelayProcess.SettingsFor(smarthost), "Telemetry:Endpoints=127.0.0.1:0"]);
        IPEndPoint probes = await relay.ProbesAsync();
        await using (RawClient client = await RawClient.ConnectAsync(relay.EndPoint))
        {
            await client.CommandAsync("EHLO test.example");
            Assert.StartsWith("250", await client.MailAsync("app@example.org", ["box@example.net", "nobody@example.net"], "Subject: x\r\n\r\nx"u8.ToArray()));
            Assert.StartsWith("501", await client.CommandAsync("MAIL FROM:<"));
        }

        await relay.WaitForLineAsync("status=bounced");
        string name = $"smarthost=\"localhost:{smarthost.Port}\"";
        string[] lines = [];
        string[] expected =
        [
            "relayproxy_messages_received_total 1",
            "relayproxy_rejected_total{stage=\"mail\",code=\"5xx\"} 1",
            $"relayproxy_delivery_attempts_total{{{name},result=\"bounced\"}} 1",
            $"relayproxy_smtp_replies_total{{{name},code=\"550\"}} 1",
            $"relayproxy_upstream_up{{{name}}} 1",
            "relayproxy_config_last_reload_successful 1",
        ];
        lines = (await HttpQuestion.GetAsync(probes, "/metrics")).Body.Split('\n');
        Assert.All(expected, line => Assert.Contains(line, lines));
        string expiry = Assert.Single(lines, line => line.StartsWith($"relayproxy_upstream_certificate_expiry_timestamp_seconds{{{name}}} ", StringComparison.Ordinal));
        Assert.True(double.Parse(expiry.Split(' ')[1], CultureInfo.InvariantCulture) > DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        Assert.DoesNotContain(lines, line => line.Contains("example", StringComparison.Ordinal));

        Assert.Equal((200, 200), ((await HttpQuestion.GetAsync(probes, "/livez")).Status, (await HttpQuestion.GetAsync(probes, "/readyz")).Status));
    }

    [Fact]
    public async Task The_command_for_container_probes_asks_the_relay_at_its_door()
    {
        await using FakeSmarthost smarthost = new FakeSmarthost().Listen();
        await using RelayProcess relay = await RelayProcess.StartAsync(_folder["queue"], RelayProcess.SettingsFor(smarthost));
        string[] health = ["health", $"--Listener:Endpoints={relay.EndPoint}", $"--Queue:Path={_folder["elsewhere"]}", "--json"];

        Assert.Equal(
            (0, "{\"healthy\":true,\"listener\":\"ok\",\"delivery\":\"ok\",\"queue\":\"ok\",\"disk\":\"ok\",\"smarthost\":\"ok\"}\n", ""),
            await RelayProcess.RunAsync(health));

        relay.Signal(9);
        await relay.ExitedAsync();
        Assert.Equal(1, (await RelayProcess.RunAsync(health)).ExitCode);
    }
}
