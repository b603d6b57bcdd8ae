using RelayProxy.Harness;
using RelayProxy.Queue;

namespace RelayProxy.Unit.Queue;

public sealed class DiskSpaceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TestClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Is_what_the_file_system_says()
    {
        long before = new DriveInfo(_folder.Path).AvailableFreeSpace;
        long free = new DiskSpace(_folder.Path, _clock).FreeOctets();
        long after = new DriveInfo(_folder.Path).AvailableFreeSpace;

        // Others write to it meanwhile.
        const long Others = 1L << 30;
        Assert.InRange(free, Math.Min(before, after) - Others, Math.Max(before, after) + Others);
    }

    [Fact]
    public void Is_asked_for_once_a_second()
    {
        var space = new DiskSpace(_folder["not-yet"], _clock);
        Assert.Equal(long.MaxValue, space.FreeOctets());
        Directory.CreateDirectory(_folder["not-yet"]);

        Assert.Equal(long.MaxValue, space.FreeOctets());
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.InRange(space.FreeOctets(), 0, long.MaxValue - 1);
    }

    [Fact]
    public void Is_nothing_where_nothing_can_be_kept() =>
        Assert.Equal(0, new DiskSpace("/proc", _clock).FreeOctets());
}
