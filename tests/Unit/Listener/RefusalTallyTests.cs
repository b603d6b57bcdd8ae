using RelayProxy.Harness;
using RelayProxy.Listener;
using RelayProxy.Session;
using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Listener;

public class RefusalTallyTests
{
    [Fact]
    public void A_flood_at_the_door_is_no_flood_in_the_log()
    {
        var clock = new TestClock();
        var logger = new RecordingLogger();
        var tally = new RefusalTally(new RelayMetrics(new RelayReadings(), TimeProvider.System), clock, logger);

        for (int i = 0; i < 1000; i++)
        {
            tally.Count("127.0.0.1", Replies.TooManyConnections);
        }

        clock.Advance(TimeSpan.FromSeconds(10));
        tally.Count("127.0.0.2", Replies.TooManyConnections);

        Assert.Equal(
            [
                "127.0.0.1: connection refused: 421 4.7.0 Too many connections: try again later (0 more since this was last told)",
                "127.0.0.2: connection refused: 421 4.7.0 Too many connections: try again later (999 more since this was last told)",
            ],
            logger.Entries.Select(entry => entry.Text));
    }
}
