namespace RelayProxy.Integration.Foreign;

/// <summary>One Postfix for all tests of the folder: starting it takes longer than most of them.</summary>
[CollectionDefinition(nameof(ForeignPrograms))]
public sealed class ForeignPrograms : ICollectionFixture<ForeignFixture>;

/// <summary>Starts Postfix before the first test that asks for it, and ends it after the last.</summary>
public sealed class ForeignFixture : IAsyncLifetime
{
    private PostfixSmarthost? _postfix;

    internal PostfixSmarthost Postfix => _postfix ?? throw new InvalidOperationException("Not started.");

    public async ValueTask InitializeAsync() => _postfix = await PostfixSmarthost.StartAsync();

    public ValueTask DisposeAsync() => _postfix?.DisposeAsync() ?? ValueTask.CompletedTask;
}
