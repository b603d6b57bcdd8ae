using RelayProxy.Harness.Load;

namespace RelayProxy.Unit.Harness.Load;

public class StandInTallyTests
{
    [Fact]
    public async Task Whoever_waits_for_a_message_hears_when_the_last_one_came()
    {
        var tally = new StandInTally();
        DateTime before = DateTime.UtcNow;
        Task<DateTime> arrived = Task.Run(() => tally.WaitFor(3), TestContext.Current.CancellationToken);

        tally.Add(2);
        tally.Add(1);

        DateTime last = await arrived.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        Assert.InRange(last, before, DateTime.UtcNow);
        Assert.Equal(last, tally.WaitFor(3));
    }
}
