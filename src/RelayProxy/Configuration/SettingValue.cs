namespace RelayProxy.Configuration;

/// <summary>A value as a source has it, before anything is known of its type: one text, or a list of them.</summary>
internal sealed record SettingValue
{
    private SettingValue(IReadOnlyList<string> items, bool isList)
    {
        Items = items;
        IsList = isList;
    }

    public IReadOnlyList<string> Items { get; }

    /// <summary>Written as a list: a JSON array, or <c>Key__0</c>, <c>Key__1</c> …</summary>
    public bool IsList { get; }

    /// <summary>As one text, for messages.</summary>
    public string Text => string.Join(", ", Items);

    public static SettingValue One(string text) => new([text], isList: false);

    public static SettingValue List(IReadOnlyList<string> items) => new(items, isList: true);

    /// <summary>The list that is meant, also where it was written as one comma-separated text.</summary>
    public IReadOnlyList<string> AsList() => IsList
        ? Items
        : Items[0].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>A value and where it came from.</summary>
/// <param name="Key">As the source spells it.</param>
/// <param name="Rank">The source's place in the order of precedence; later wins.</param>
/// <param name="Source">For people: <c>/etc/relayproxy/relayproxy.json:12</c>, <c>environment RELAYPROXY_Smarthost__Host</c>.</param>
internal record SourcedSetting(string Key, SettingValue Value, int Rank, string Source);
