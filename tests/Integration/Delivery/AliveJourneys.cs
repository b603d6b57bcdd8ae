using RelayProxy.Harness;
using RelayProxy.Queue;
using RelayProxy.Telemetry;

namespace RelayProxy.Integration.Delivery;

/// <summary>What a watchdog is told.</summary>
public sealed class AliveJourneys : IAsyncLifetime
{
    private readonly TaskCompletionSource _reached = new();
    private readonly TaskCompletionSource _stuck = new();
    private MemoryQueueStore _store = null!;
    private RelayUnderTest _relay = null!;

    /// <summary>A relay whose delivery loop hangs in its first look.</summary>
    public async ValueTask InitializeAsync()
    {
        _relay = await RelayUnderTest.StartAsync([], clock => _store = new MemoryQueueStore(clock) { OnNextDue = HangAsync });
        await _reached.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _stuck.TrySetResult();
        await _relay.DisposeAsync();
    }

    [Fact]
    public async Task A_delivery_loop_that_comes_round_no_more_is_not_alive_until_it_does_again()
    {
        Assert.True(_relay.IsAlive);
        _relay.Clock.Advance(Heartbeat.Patience + TimeSpan.FromSeconds(1));
        Assert.False(_relay.IsAlive);

        _stuck.SetResult();
        await _relay.SettleAsync(TestContext.Current.CancellationToken);
        Assert.True(_relay.IsAlive);
    }

    [Theory]
    [InlineData(StoreHealth.Full)]
    [InlineData(StoreHealth.Suspect)]
    internal void A_store_that_takes_nothing_holds_the_loop_up_and_is_no_reason_to_restart(StoreHealth trouble)
    {
        _store.Health = trouble;
        _relay.Clock.Advance(TimeSpan.FromHours(1));
        Assert.True(_relay.IsAlive);
    }

    private Task HangAsync()
    {
        _reached.TrySetResult();
        return _stuck.Task;
    }
}
