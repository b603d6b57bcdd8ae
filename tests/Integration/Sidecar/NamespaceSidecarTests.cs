namespace RelayProxy.Integration.Sidecar;

/// <summary>Beside an application in a network namespace, without a container engine.</summary>
public sealed class NamespaceSidecarTests(NamespaceSidecarTests.Stage stage) : SidecarPromises(stage.Set), IClassFixture<NamespaceSidecarTests.Stage>
{
    private const int Unavailable = 69;

    [Fact]
    public async Task A_relay_that_was_left_behind_by_its_application_ends_and_nothing_is_lost()
    {
        await stage.Set.UnwireApplicationAsync();
        await SendAsync("behind@example.net");

        Assert.Equal(Unavailable, await stage.Set.RelayEndedAsync());

        await stage.Set.WireApplicationAsync();
        await stage.Set.StartRelayAsync();
        await DrainAsync();
        await ArrivedAsync("behind@example.net");
    }

    public sealed class Stage : IAsyncLifetime
    {
        public NamespaceStage Set { get; } = new();

        public async ValueTask InitializeAsync() => await Set.StartAsync();

        public ValueTask DisposeAsync() => Set.DisposeAsync();
    }
}
