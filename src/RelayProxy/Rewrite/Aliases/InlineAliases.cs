namespace RelayProxy.Rewrite.Aliases;

/// <summary>The aliases that stand in the settings.</summary>
internal static class InlineAliases
{
    /// <summary>What their places begin with.</summary>
    public const string Section = "Rewrite:Aliases";

    public static IEnumerable<AliasEntry> Entries(RewriteOptions options) =>
        options.Aliases.SelectMany(alias => Read(alias.Key, alias.Value).Entries);

    public static AliasFile Read(string name, string destinations) => AliasFile.ReadSetting($"{Section}:{name}", name, destinations);
}
