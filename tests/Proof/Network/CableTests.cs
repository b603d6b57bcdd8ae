using System.Diagnostics;
using System.Net;
using RelayProxy.Harness;

namespace RelayProxy.Proof.Network;

/// <summary>
/// The network between relay and smarthost goes away in the middle of deliveries, for longer than the relay has patience, and comes back: mail is
/// taken meanwhile, flows again by itself, and what comes twice had been said to be in doubt.
/// </summary>
public class CableTests
{
    private static readonly CableFault[] s_faults = Enum.GetValues<CableFault>();

    [Fact]
    public async Task C08_C09_C30_A_cable_that_is_cut_and_healed_loses_nothing()
    {
        int cutsOfEach = Extent.Of(1, 40);
        var watch = Stopwatch.StartNew();
        int messages = 0, twice = 0, inDoubt = 0;
        await Task.WhenAll(s_faults.Select(async (fault, lane) =>
        {
            (int sent, int came, int said) = await CutAsync(lane, cutsOfEach);
            Interlocked.Add(ref messages, sent);
            Interlocked.Add(ref twice, came);
            Interlocked.Add(ref inDoubt, said);
        }));

        Figures.Note(
            "network, a cable that is cut and healed", ("cuts", cutsOfEach * s_faults.Length), ("messages", messages), ("lost", 0), ("more than once", twice),
            ("said to be in doubt", inDoubt), ("more than once without doubt", 0), ("time", $"{watch.Elapsed.TotalSeconds:0} s"), ("seed", Seed.First));
    }

    /// <summary>One relay, one smarthost, and one fault after the other.</summary>
    private static async Task<(int Sent, int Twice, int InDoubt)> CutAsync(int lane, int cuts)
    {
        var dice = new Random(Seed.First + lane);
        await using Cable cable = await Cable.LayAsync();
        await using var smarthost = new FakeSmarthost
        {
            Certificate = TestCertificates.Issue("smarthost", Cable.FarEnd.ToString()),

            // It thinks everything over, so that a cut may fall anywhere.
            OnMail = _ => FakeAnswer.Reply("250 2.1.0 Ok").OnceDone(Task.Delay(5)),
            OnBody = _ => FakeAnswer.Raw("").OnceDone(Task.Delay(2)),
            OnEndOfData = _ => FakeAnswer.Reply("250 2.0.0 Taken").OnceDone(Task.Delay(20)),
        };
        smarthost.ListenIn(cable.There, new IPEndPoint(Cable.FarEnd, 465));
        await using var relay = new RelayWithBooks(
            smarthost, Cable.FarEnd.ToString(), 465, cable.Here, resolver: "",
            [.. ((string[])["Connect", "Tls", "Reply", "Data", "Block", "EndOfData"]).Select(step => $"Smarthost:{step}Timeout=00:00:02")]);
        await relay.StartAsync();
        for (int cut = 0; cut < cuts; cut++)
        {
            CableFault fault = s_faults[(lane + cut) % s_faults.Length];
            int rests = relay.Rests;
            for (int message = 0; message < 4; message++)
            {
                await relay.SendAsync(dice.Next(1_000, 200_000));
            }

            await Task.Delay(dice.Next(150), TestContext.Current.CancellationToken);
            await cable.CutAsync(fault);
            await relay.SendAsync(1_000);
            await relay.UntilAsync(() => Task.FromResult(relay.Rests > rests), $"{fault} is not noticed");
            await relay.HealthAsync();
            await cable.HealAsync();
            await relay.ArrivedAsync($"{fault}");
        }

        await relay.StopAsync();
        return (relay.Ledger.Accepted, await relay.CloseAsync(), relay.InDoubt);
    }
}
