namespace RelayProxy.Rewrite.Aliases;

/// <summary>
/// Reads aliases in the syntax that sendmail, Postfix, Exim, OpenSMTPD, dma and msmtp have in common, and in what each of them adds. A
/// line that cannot be read costs that line and no other. Linear in the length of the text; never throws.
/// </summary>
/// <param name="Entries">In the order in which they stand; one key may come more than once.</param>
internal sealed record AliasFile(IReadOnlyList<AliasEntry> Entries, IReadOnlyList<AliasProblem> Problems)
{
    public static AliasFile Empty { get; } = new([], []);

    public bool HasErrors => Problems.Any(problem => !problem.IsWarning);

    // file         = *( [ entry ] [ comment ] line-end )
    // entry        = key *WSP ":" destination *( separator destination )
    // key          = name / quoted-string / ( name / quoted-string ) "@" domain / "@" domain / "*"
    // separator    = "," / blanks / the end of a line that goes on
    // destination  = address / [ phrase ] "<" address ">" / "\" name / path / "|" command / ":include:" path
    //              / ":fail:" text / ":defer:" text / "error:" code text / ":blackhole:" / ":unknown:" / any of these in quotes
    public static AliasFile Read(string source, string text) => new AliasFileReader(source, text).ReadEntries();

    /// <summary>Reads destinations alone: the files of <c>:include:</c>, where every line is a destination or several.</summary>
    public static AliasFile ReadList(string source, string text) => new AliasFileReader(source, text).ReadList();

    /// <summary>Reads one alias from a setting.</summary>
    public static AliasFile ReadSetting(string source, string key, string destinations)
    {
        if (!AliasKey.TryParse(key, out AliasKey parsed))
        {
            return new AliasFile([], [new AliasProblem(new AliasPlace(source), false, $"\"{key}\" is not a name that an alias could have")]);
        }

        AliasFile list = ReadList(source, destinations);
        return list with
        {
            Entries = [new AliasEntry(parsed, new AliasPlace(source), [.. list.Entries.SelectMany(entry => entry.Destinations)])],
            Problems = [.. list.Problems.Select(problem => problem with { Place = new AliasPlace(source) })],
        };
    }
}
