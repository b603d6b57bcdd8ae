using RelayProxy.Harness;
using RelayProxy.Telemetry;

namespace RelayProxy.Unit.Telemetry;

public sealed class ServiceManagerTests : IDisposable
{
    private const int Ourselves = 4711;

    private readonly TemporaryFolder _folder = new();
    private readonly RecordingLogger _logger = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("notify")]
    [InlineData("@relayproxy-test-notify")]     // in the abstract namespace
    public async Task Each_notice_is_one_datagram(string name)
    {
        using var ear = new NotifySocket(name[0] == '@' ? $"{name}-{Guid.NewGuid()}" : _folder[name]);
        using ServiceManager manager = Of(ear.Environment());
        Assert.True(manager.IsThere);

        manager.Ready();
        Assert.Equal(["READY=1"], await ear.NextAsync());
        manager.Alive();
        Assert.Equal(["WATCHDOG=1"], await ear.NextAsync());
        manager.Status("Nothing waits");
        Assert.Equal(["STATUS=Nothing waits"], await ear.NextAsync());
        manager.Stopping(TimeSpan.FromSeconds(90));
        Assert.Equal(["STOPPING=1", "STATUS=Stopping: what is under way may finish", "EXTEND_TIMEOUT_USEC=90000000"], await ear.NextAsync());
    }

    [Fact]
    public async Task A_reload_tells_the_time_by_the_clock_of_the_system()
    {
        using var ear = new NotifySocket(_folder["notify"]);
        using ServiceManager manager = Of(ear.Environment());

        // /proc/uptime counts the time asleep too, and never less than the monotonic clock.
        manager.Reloading();

        string[] notice = await ear.NextAsync();
        Assert.Equal("RELOADING=1", notice[0]);
        double seconds = double.Parse(notice[1]["MONOTONIC_USEC=".Length..], System.Globalization.CultureInfo.InvariantCulture) / 1e6;
        double uptime = double.Parse((await File.ReadAllTextAsync("/proc/uptime", TestContext.Current.CancellationToken)).Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.InRange(seconds, 0.001, uptime + 1);
    }

    [Fact]
    public async Task What_others_wrote_cannot_become_a_notice_of_its_own()
    {
        using var ear = new NotifySocket(_folder["notify"]);
        using ServiceManager manager = Of(ear.Environment());

        manager.Status("smarthost: 535 no\nSTOPPING=1");

        Assert.Equal([@"STATUS=smarthost: 535 no\u000aSTOPPING=1"], await ear.NextAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("relative")]
    [InlineData("vsock:2:1234")]
    public void Without_a_socket_that_it_knows_nobody_is_told_and_nothing_is_wrong(string? name)
    {
        using ServiceManager manager = Of(name is null ? [] : new() { ["NOTIFY_SOCKET"] = name });

        manager.Ready();

        Assert.False(manager.IsThere);
        Assert.Empty(_logger.Entries);
    }

    [Fact]
    public void One_that_does_not_listen_is_complained_of_once()
    {
        using ServiceManager manager = Of(new() { ["NOTIFY_SOCKET"] = _folder["nobody"] });

        manager.Ready();
        manager.Alive();

        Assert.Contains("NOTIFY_SOCKET", Assert.Single(_logger.Entries).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("30000000", null, 30)]
    [InlineData("30000000", "4711", 30)]
    [InlineData("30000000", "1", null)]         // another process is watched
    [InlineData("0", null, null)]
    [InlineData("soon", null, null)]
    [InlineData(null, null, null)]
    public void It_watches_whom_it_says(string? microseconds, string? process, int? seconds)
    {
        using var ear = new NotifySocket(_folder["notify"]);
        Dictionary<string, string> environment = ear.Environment();
        if (microseconds is not null)
        {
            environment["WATCHDOG_USEC"] = microseconds;
        }

        if (process is not null)
        {
            environment["WATCHDOG_PID"] = process;
        }

        using ServiceManager manager = Of(environment);

        Assert.Equal(seconds, manager.WatchdogPatience?.TotalSeconds);
    }

    private ServiceManager Of(Dictionary<string, string> environment) => new(environment, Ourselves, _logger);
}
