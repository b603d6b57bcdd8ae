using System.Text.Json;
using RelayProxy.Harness;

namespace RelayProxy.Integration.Processes;

/// <summary>The log of a relay that nobody watches: a JSON object on a line, with the fields that log readers know.</summary>
public sealed class LogTests : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeSmarthost _smarthost = new FakeSmarthost().Listen();

    public async ValueTask DisposeAsync()
    {
        await _smarthost.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_message_is_told_of_when_it_is_taken_and_when_it_is_done_with()
    {
        _smarthost.OnEndOfData = _ => FakeAnswer.Reply("250 2.0.0 Ok: queued as 4F3A21C0");
        await using RelayProcess relay = await SendAsync();

        JsonElement taken = Json(await relay.WaitForLineAsync("\"event\":\"Accepted\""));
        Assert.Equal(
            ("info", "app@example.org", 1, "127.0.0.1"),
            (taken.GetProperty("level").GetString(), taken.GetProperty("from").GetString(), taken.GetProperty("nrcpt").GetInt32(), taken.GetProperty("client").GetString()));
        Assert.True(taken.GetProperty("size").GetInt64() > 0);
        Assert.EndsWith("@relay.test>", taken.GetProperty("msgid").GetString(), StringComparison.Ordinal);

        JsonElement done = Json(await relay.WaitForLineAsync("\"event\":\"Delivered\""));
        Assert.Equal(taken.GetProperty("qid").GetString(), done.GetProperty("qid").GetString());
        Assert.Equal(
            ("box@example.net", $"localhost:{_smarthost.Port}", 1, 250, "2.0.0", "4F3A21C0", "TLSv1.3"),
            (done.GetProperty("to").GetString(), done.GetProperty("smarthost").GetString(), done.GetProperty("attempt").GetInt32(), done.GetProperty("code").GetInt32(),
                done.GetProperty("enh").GetString(), done.GetProperty("upstream_id").GetString(), done.GetProperty("tls").GetString()));
        Assert.Equal("250 2.0.0 Ok: queued as 4F3A21C0", done.GetProperty("reply").GetString());
        Assert.InRange(done.GetProperty("delay_queue").GetDouble(), 0, done.GetProperty("delay_total").GetDouble());
    }

    [Theory]
    [InlineData("Masked", "a***@example.org", "b***@example.net")]
    [InlineData("Hashed", "~", "~")]
    public async Task Addresses_are_veiled_in_every_line(string how, string from, string to)
    {
        _smarthost.OnRcpt = _ => "550 5.1.1 <box@example.net>: there is no such user";
        await using RelayProcess relay = await SendAsync($"Logging:Addresses={how}", "Logging:Level=Trace");
        JsonElement taken = Json(await relay.WaitForLineAsync("\"event\":\"Accepted\""));
        JsonElement done = Json(await relay.WaitForLineAsync("\"event\":\"Bounced\""));
        await relay.WaitForLineAsync("\"event\":\"ReportQueued\"");

        Assert.StartsWith(from, taken.GetProperty("from").GetString(), StringComparison.Ordinal);
        Assert.StartsWith(to, done.GetProperty("to").GetString(), StringComparison.Ordinal);
        Assert.DoesNotContain(relay.Lines, line => line.Contains("box@example", StringComparison.Ordinal) || line.Contains("app@example", StringComparison.Ordinal));
    }

    private async Task<RelayProcess> SendAsync(params string[] settings)
    {
        RelayProcess relay = await RelayProcess.StartAsync(_folder["queue"], [.. RelayProcess.SettingsFor(_smarthost), .. settings]);
        await using RawClient client = await RawClient.ConnectAsync(relay.EndPoint);
        await client.CommandAsync("EHLO test.example");
        Assert.StartsWith("250", await client.MailAsync("app@example.org", ["box@example.net"], "Subject: x\r\n\r\nx"u8.ToArray()));
        return relay;
    }

    private static JsonElement Json(string line) => JsonDocument.Parse(line).RootElement;
}
