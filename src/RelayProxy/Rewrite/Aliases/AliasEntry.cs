namespace RelayProxy.Rewrite.Aliases;

/// <summary>One alias, or one included list. Compared by identity: a name that leads to the same entry twice goes in a circle.</summary>
internal sealed class AliasEntry(AliasKey key, AliasPlace place, IReadOnlyList<AliasDestination> destinations, bool isSafe = true, bool isList = false)
{
    public AliasKey Key => key;

    public AliasPlace Place => place;

    public IReadOnlyList<AliasDestination> Destinations => destinations;

    /// <summary>Only root and the relay's own user can have written it, so it may name programs and files if the settings let it.</summary>
    public bool IsSafe => isSafe;

    /// <summary>An included file: it has no name that anybody could write to.</summary>
    public bool IsList => isList;

    /// <summary>The same alias said more than once: each time is meant.</summary>
    public static AliasEntry Together(IReadOnlyList<AliasEntry> same) => new(
        same[0].Key, same[0].Place, [.. same.SelectMany(entry => entry.Destinations)], same.All(entry => entry.IsSafe));

    public AliasEntry From(bool safeFile) => safeFile == isSafe ? this : new AliasEntry(key, place, destinations, safeFile, isList);

    /// <summary>As it could be written in an aliases file.</summary>
    public override string ToString() => $"{key}: {string.Join(", ", destinations)}";
}
