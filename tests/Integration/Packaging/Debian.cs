namespace RelayProxy.Integration.Packaging;

/// <summary>One package, and one Debian, for all tests of them.</summary>
[CollectionDefinition(nameof(Debian))]
public sealed class Debian : ICollectionFixture<DebianPackage>, ICollectionFixture<DebianTree>;
