using System.Globalization;
using System.Text.Json;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Machine;

/// <summary>
/// The wall clock steps by ten years, forward and back, and runs to and fro by a second ten times a second, while mail comes, waits and is tried again:
/// nothing bounces, nothing is lost or sent twice, nothing stalls.
/// </summary>
public sealed class ClockTests : IDisposable
{
    private static readonly TimeSpan s_tenYears = TimeSpan.FromDays(3653);

    private readonly WallClock _clock = new();

    public void Dispose() => _clock.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public async Task The_clock_steps_by_ten_years_and_back(int direction)
    {
        await using FaultyMachine machine = await StartAsync();
        await using LoadOnMachine load = machine.Load(2);
        await load.TakenAsync();

        // One message waits: it must neither be given up nor left waiting for ten years.
        machine.Smarthost.OnRcpt = step => step.Line.Contains("later@", StringComparison.Ordinal) ? "450 4.2.1 Later" : "250 2.1.5 OK";
        await SendLaterAsync(machine);

        _clock.Set(direction * s_tenYears);
        await machine.Relay.WaitForLineAsync("ClockStepped");
        await load.TakenAsync();
        await AssertWaitsSanelyAsync(machine, DateTimeOffset.UtcNow + (direction * s_tenYears));

        _clock.Set(TimeSpan.Zero);
        await load.TakenAsync();
        await AssertWaitsSanelyAsync(machine, DateTimeOffset.UtcNow);

        machine.Smarthost.OnRcpt = null;
        await load.DisposeAsync();
        await EndAsync(machine);
        load.Note($"machine: clock {(direction > 0 ? "+" : "-")}10 years and back", TimeSpan.Zero, TimeSpan.Zero);
    }

    [Fact]
    public async Task The_clock_goes_to_and_fro_by_a_second_ten_times_a_second()
    {
        TimeSpan duration = TimeSpan.FromSeconds(Extent.Of(brief: 3, full: 120));
        await using FaultyMachine machine = await StartAsync();
        int tries = 0;
        machine.Smarthost.OnRcpt = _ => Interlocked.Increment(ref tries) % 3 == 0 ? "450 4.2.1 Later" : "250 2.1.5 OK";
        await using LoadOnMachine load = machine.Load(2);

        for (int tick = 0; tick < duration.TotalSeconds * 10; tick++)
        {
            _clock.Set(TimeSpan.FromSeconds((tick % 3) - 1));
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        _clock.Set(TimeSpan.Zero);
        machine.Smarthost.OnRcpt = null;
        await load.DisposeAsync();
        await EndAsync(machine);
        load.Note("machine: clock ±1 s at 10 Hz", duration, TimeSpan.Zero);
    }

    private async Task<FaultyMachine> StartAsync()
    {
        // Without TLS: a certificate has a date, and one that is not valid is a trouble of the smarthost's of its own.
        var machine = new FaultyMachine(new FakeSmarthost { Tls = FakeTls.None }, queue: null, ["Smarthost:Tls=None", "Smarthost:AllowPlaintextAuth=true"]);
        await machine.StartAsync(isFaulty: false, await _clock.EnvironmentAsync());
        return machine;
    }

    private static async Task SendLaterAsync(FaultyMachine machine)
    {
        await using RawClient client = await RawClient.ConnectAsync(machine.Relay.EndPoint);
        await client.CommandAsync("EHLO test.example");
        (string name, byte[] content) = machine.Ledger.Write(1_000);
        Assert.StartsWith("250", await client.MailAsync("app@example.org", ["later@example.net"], content), StringComparison.Ordinal);
        await machine.Relay.WaitForLineAsync("later@example.net");
        machine.Ledger.Took(name);
    }

    /// <summary>It is tried again within minutes, by the clock of the day.</summary>
    private static Task AssertWaitsSanelyAsync(FaultyMachine machine, DateTimeOffset now) => machine.UntilAsync(
        async () =>
        {
            string message = Assert.Single((await machine.ListAsync()).Split('\n'), line => line.Contains("later@example.net", StringComparison.Ordinal));
            DateTimeOffset next = DateTimeOffset.Parse(
                JsonDocument.Parse(message).RootElement.GetProperty("recipients")[0].GetProperty("nextAttempt").GetString()!, CultureInfo.InvariantCulture);
            return (next - now).Duration() < TimeSpan.FromMinutes(30);
        },
        "What waits is not tried again for years");

    private static async Task EndAsync(FaultyMachine machine)
    {
        await machine.ArrivedAsync("all steps of the clock");
        await machine.EmptyAsync();
        await machine.StopAsync();
        machine.AssertBooksAreStraight();
        Assert.All(machine.Smarthost.Mails, mail => Assert.NotEqual("", mail.Sender));
    }
}
