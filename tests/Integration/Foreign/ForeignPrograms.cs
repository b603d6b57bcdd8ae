using RelayProxy.Harness;

namespace RelayProxy.Integration.Foreign;

/// <summary>One Postfix, and one relay in front of it, for all tests of the folder: starting them takes longer than most of the tests.</summary>
[CollectionDefinition(nameof(ForeignPrograms))]
public sealed class ForeignPrograms : ICollectionFixture<ForeignFixture>;

/// <summary>Starts Postfix and the relay before the first test that asks for them, and ends them after the last.</summary>
public sealed class ForeignFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private PostfixSmarthost? _postfix;
    private RelayProcess? _relay;

    /// <summary>Where a relay listens that sends to <see cref="Postfix"/>.</summary>
    public int RelayPort => _relay?.EndPoint.Port ?? throw new InvalidOperationException("Not started.");

    internal PostfixSmarthost Postfix => _postfix ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync()
    {
        _postfix = await PostfixSmarthost.StartAsync();
        _relay = await RelayProcess.StartAsync(_folder["queue"], _postfix.SettingsFor(_folder));
    }

    public async ValueTask DisposeAsync()
    {
        await (_relay?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_postfix?.DisposeAsync() ?? ValueTask.CompletedTask);
        _folder.Dispose();
    }
}
