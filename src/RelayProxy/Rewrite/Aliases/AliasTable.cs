using RelayProxy.Mail;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>All aliases at one moment. A lookup is a hash or two, however many there are, and allocates nothing.</summary>
internal sealed class AliasTable
{
    private const string OwnerPrefix = "owner-";

    private readonly Dictionary<AliasKey, AliasEntry> _owners = new(AliasKeyComparer.Instance);
    private readonly Dictionary<AliasKey, AliasEntry> _entries = new(AliasKeyComparer.Instance);
    private readonly Dictionary<AliasKey, AliasEntry>.AlternateLookup<AliasName> _names;
    private readonly bool _hasDomains;

    private AliasTable(IEnumerable<AliasEntry> fromFile, IEnumerable<AliasEntry> fromSettings, List<AliasProblem> problems)
    {
        foreach (IGrouping<AliasKey, AliasEntry> same in fromFile.GroupBy(entry => entry.Key, AliasKeyComparer.Instance))
        {
            AliasEntry first = same.First();
            _entries[same.Key] = same.Skip(1).Any() ? AliasEntry.Together([.. same]) : first;
            problems.AddRange(same.Skip(1).Select(entry => new AliasProblem(
                entry.Place, true, $"{entry.Key} is there already ({first.Place}); both are taken together")));
        }

        foreach (AliasEntry entry in fromSettings)
        {
            _entries[entry.Key] = entry;
        }

        foreach ((AliasKey key, AliasEntry entry) in _entries)
        {
            if (key.LocalPart.StartsWith(OwnerPrefix, StringComparison.OrdinalIgnoreCase))
            {
                _owners[key with { LocalPart = key.LocalPart[OwnerPrefix.Length..] }] = entry;
            }
        }

        _names = _entries.GetAlternateLookup<AliasName>();
        _hasDomains = _entries.Keys.Any(key => key.Domain.Length > 0);
        CatchAll = Exactly(AliasKey.CatchAll) ?? Exactly(AliasKey.Default);
        Problems = problems;
    }

    public static AliasTable Empty { get; } = new([], [], []);

    public int Count => _entries.Count;

    public IEnumerable<AliasEntry> Entries => _entries.Values;

    /// <summary><c>*</c>, or <c>default</c> as in msmtp's files; <c>null</c> if there is neither.</summary>
    public AliasEntry? CatchAll { get; }

    /// <summary>Of the file, and of its entries taken together.</summary>
    public IReadOnlyList<AliasProblem> Problems { get; }

    /// <summary>Whether an alias can be meant for addresses elsewhere.</summary>
    public bool HasDomains => _hasDomains;

    /// <param name="settings">Aliases from the settings; one of these replaces the file's of the same name.</param>
    public static AliasTable Of(
        IEnumerable<AliasEntry> file, IEnumerable<AliasEntry>? settings = null, IEnumerable<AliasProblem>? problems = null) =>
        new(file, settings ?? [], [.. problems ?? []]);

    public AliasEntry? Exactly(AliasKey key) => _entries.GetValueOrDefault(key);

    /// <summary>
    /// The alias for a name: <c>name+tag@domain</c>, <c>name@domain</c>, <c>name+tag</c>, <c>name</c>, <c>@domain</c>, the first of these that
    /// there is; the third and fourth only for names of ours.
    /// </summary>
    /// <param name="domain">The name's domain, or the one that bare names get.</param>
    /// <param name="isOurs">The name is one at this machine, or at the domain that its names get.</param>
    public AliasEntry? Find(Mailbox name, string domain, bool isOurs)
    {
        ReadOnlySpan<char> whole = name.LocalPart;
        int plus = whole.IndexOf('+');
        ReadOnlySpan<char> untagged = plus > 0 ? whole[..plus] : default;
        AliasEntry? entry;
        if (_hasDomains
            && (_names.TryGetValue(new AliasName(whole, domain), out entry)
                || (plus > 0 && _names.TryGetValue(new AliasName(untagged, domain), out entry))))
        {
            return entry;
        }

        if (isOurs
            && (_names.TryGetValue(new AliasName(whole, default), out entry)
                || (plus > 0 && _names.TryGetValue(new AliasName(untagged, default), out entry))))
        {
            return entry;
        }

        return _hasDomains && _names.TryGetValue(new AliasName(default, domain), out entry) ? entry : null;
    }

    /// <summary>Who hears of trouble with a list: <c>owner-list</c>.</summary>
    public AliasEntry? OwnerOf(AliasEntry list) => _owners.GetValueOrDefault(list.Key);
}
