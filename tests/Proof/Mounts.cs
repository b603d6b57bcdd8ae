namespace RelayProxy.Proof;

/// <summary>One after the other: a mount namespace keeps all that was mounted when it was made, so that another proof's file system is not gone when that
/// unmounts it, and comes back as it was when it is mounted anew.</summary>
[CollectionDefinition(nameof(Mounts))]
public sealed class Mounts;
