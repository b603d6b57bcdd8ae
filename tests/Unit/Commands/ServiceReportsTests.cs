using RelayProxy.Commands;
using RelayProxy.Harness;
using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Commands;

public sealed class ServiceReportsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly NotifySocket _ear;
    private readonly TestClock _clock = new();
    private readonly List<ServiceManager> _managers = [];

    public ServiceReportsTests() => _ear = new NotifySocket(_folder["notify"]);

    public void Dispose()
    {
        _managers.ForEach(manager => manager.Dispose());
        _ear.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(60, 10)]        // every ten seconds,
    [InlineData(15, 5)]         // or three times within the manager's patience
    public async Task The_watchdog_hears_of_a_relay_that_is_alive(int patience, int every)
    {
        using ServiceReports reports = Begin(TimeSpan.FromSeconds(patience), () => true, () => new("Nothing waits"));

        _clock.Advance(TimeSpan.Zero);
        Assert.Equal(["READY=1"], await _ear.NextAsync());
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(["WATCHDOG=1"], await _ear.NextAsync());
            Assert.Equal(["STATUS=Nothing waits"], await _ear.NextAsync());
            _clock.Advance(TimeSpan.FromSeconds(every));
        }
    }

    [Fact]
    public async Task The_watchdog_does_not_hear_of_one_that_is_not()
    {
        bool isAlive = true;
        using ServiceReports reports = Begin(TimeSpan.FromSeconds(60), () => isAlive, () => new("Nothing waits"));
        _clock.Advance(TimeSpan.Zero);
        await _ear.NextAsync("STATUS=");

        isAlive = false;
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["STATUS=Nothing waits"], await _ear.NextAsync());

        isAlive = true;
        _clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(["WATCHDOG=1"], await _ear.NextAsync());
    }

    [Fact]
    public async Task A_queue_that_does_not_answer_holds_up_no_sign_of_life()
    {
        var never = new TaskCompletionSource<string>();
        int asked = 0;
        using ServiceReports reports = Begin(TimeSpan.FromSeconds(60), () => true, () =>
        {
            asked++;
            return new ValueTask<string>(never.Task);
        });

        _clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(["READY=1"], await _ear.NextAsync());
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(["WATCHDOG=1"], await _ear.NextAsync());
        }

        Assert.Equal(1, asked);
        never.SetException(new IOException("disk I/O error"));
        Assert.Equal(["STATUS=The queue cannot be read: disk I/O error"], await _ear.NextAsync());
    }

    [Fact]
    public async Task While_the_relay_stops_there_are_signs_of_life_and_no_other_words()
    {
        using ServiceReports reports = Begin(TimeSpan.FromSeconds(60), () => true, () => new("Nothing waits"));
        _clock.Advance(TimeSpan.Zero);
        await _ear.NextAsync("STATUS=");

        reports.Stopping(TimeSpan.FromSeconds(90));
        _clock.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal("STOPPING=1", (await _ear.NextAsync())[0]);
        Assert.Equal(["WATCHDOG=1"], await _ear.NextAsync());
        Assert.Equal(["WATCHDOG=1"], await _ear.NextAsync());
    }

    [Fact]
    public async Task A_manager_that_does_not_watch_hears_how_things_stand_alone()
    {
        using ServiceReports reports = Begin(null, () => true, () => new("Nothing waits"));
        _clock.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(["READY=1"], await _ear.NextAsync());
        Assert.Equal(["STATUS=Nothing waits"], await _ear.NextAsync());
        Assert.Equal(["STATUS=Nothing waits"], await _ear.NextAsync());
    }

    [Fact]
    public void Where_nobody_listens_nothing_is_done()
    {
        using var manager = new ServiceManager(new Dictionary<string, string>(), 1, new RecordingLogger());
        using var reports = new ServiceReports(manager, () => true, () => new("Nothing waits"), _clock);

        reports.Begin();

        Assert.Equal(0, _clock.Pending);
    }

    private ServiceReports Begin(TimeSpan? patience, Func<bool> isAlive, Func<ValueTask<string>> status)
    {
        var manager = new ServiceManager(_ear.Environment(patience), 1, new RecordingLogger());
        _managers.Add(manager);
        var reports = new ServiceReports(manager, isAlive, status, _clock);
        reports.Begin();
        return reports;
    }
}
