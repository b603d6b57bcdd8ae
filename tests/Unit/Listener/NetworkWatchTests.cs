using RelayProxy.Harness;
using RelayProxy.Listener;

namespace RelayProxy.Unit.Listener;

public sealed class NetworkWatchTests : IDisposable
{
    private const string Titles =
        "Inter-|   Receive                                                |  Transmit\n"
        + " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";

    private const string Loopback = "    lo:    2020      30    0    0    0     0          0         0     2020      30    0    0    0     0       0          0\n";
    private const string Received = "  eth0:     946      11    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n";
    private const string Sent = "  eth0:       0       0    0    0    0     0          0         0      946      11    0    0    0     0       0          0\n";
    private const string OfTheKernel = "  sit0:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0\n";

    private readonly TestClock _clock = new();
    private readonly NetworkWatch _watch;
    private string _interfaces = Titles + Loopback;
    private int _ended;

    public NetworkWatchTests() => _watch = new NetworkWatch(() => _interfaces, () => _ended++, _clock, new RecordingLogger());

    public void Dispose() => _watch.Dispose();

    [Theory]
    [InlineData("", false)]
    [InlineData(Loopback, false)]
    [InlineData(Loopback + OfTheKernel, false)]
    [InlineData(Loopback + Received, true)]
    [InlineData(Loopback + OfTheKernel + Sent, true)]
    public void Only_an_interface_that_carried_something_leads_anywhere(string interfaces, bool hasOne) =>
        Assert.Equal(hasOne, NetworkWatch.HasOne(Titles + interfaces));

    [Fact]
    public void The_kernels_own_table_can_be_read() => Assert.Contains("lo:", NetworkWatch.OfThisProcess(), StringComparison.Ordinal);

    [Fact]
    public void A_network_that_is_left_behind_is_told_once_after_some_seconds()
    {
        Look(Received, times: 1);
        Look("", times: 2);
        Assert.Equal(0, _ended);

        Look("", times: 10);
        Assert.Equal(1, _ended);
    }

    [Fact]
    public void An_interface_that_comes_back_was_only_exchanged()
    {
        Look(Received, times: 1);
        Look("", times: 2);
        Look(Sent, times: 1);
        Look("", times: 2);

        Assert.Equal(0, _ended);
    }

    [Fact]
    public void Where_there_never_was_one_none_is_missed()
    {
        Look(OfTheKernel, times: 10);

        Assert.Equal(0, _ended);
    }

    private void Look(string interfaces, int times)
    {
        _interfaces = Titles + Loopback + interfaces;
        for (int i = 0; i < times; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
        }
    }
}
