using RelayProxy.Harness;
using RelayProxy.Mail;

namespace RelayProxy.Unit.Commands;

public sealed class DrainCommandTests
{
    private readonly TestClock _clock = new();

    [Fact]
    public async Task Where_no_relay_runs_that_could_send_it_nobody_waits()
    {
        MemoryQueueStore store = await OneMessageAsync();
        store.IsServed = false;
        var run = new CommandRun { Clock = _clock };

        Assert.Equal(ExitCode.Unavailable, await run.RunAsync(store, "drain"));
        Assert.Contains("no relay is running", run.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_left_is_asked_for_every_ten_seconds_until_patience_ends()
    {
        MemoryQueueStore store = await OneMessageAsync();
        var run = new CommandRun { Clock = _clock };
        DateTimeOffset began = _clock.GetUtcNow();

        Task<int> drained = run.RunAsync(store, "drain", "--timeout", "35s");
        while (!drained.IsCompleted)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Yield();
        }

        Assert.Equal(ExitCode.Temporary, await drained);
        Assert.InRange(_clock.GetUtcNow() - began, TimeSpan.FromSeconds(35), TimeSpan.FromSeconds(60));
        Assert.Equal(4, await store.FlushGenerationAsync(TestContext.Current.CancellationToken));
        Assert.EndsWith("\nundelivered=1 oldest=35s\n", run.Said, StringComparison.Ordinal);
    }

    private async Task<MemoryQueueStore> OneMessageAsync()
    {
        var store = new MemoryQueueStore(_clock);
        await store.AcceptAsync(_clock);
        return store;
    }
}
