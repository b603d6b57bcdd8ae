using RelayProxy.Configuration;
using RelayProxy.Mail;
using RelayProxy.Rewrite;
using RelayProxy.Rewrite.Aliases;

namespace RelayProxy.Commands;

/// <summary>All that the aliases of these settings say, the lists they include too, and everything that is wrong with it.</summary>
/// <param name="File">The file; empty if there is none.</param>
internal sealed record AliasReading(string File, AliasTable Table, IReadOnlyList<AliasProblem> Problems)
{
    public int Errors => Problems.Count(problem => !problem.IsWarning);

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be.</exception>
    public static AliasReading Of(RelayOptions options, TimeProvider clock)
    {
        string file = options.Rewrite.AliasFile;
        AliasFile read = file.Length > 0 ? AliasFile.Read(file, AliasText.Read(file)) : AliasFile.Empty;
        Rewriter rewriter = NameSettings.Rewriter(options, clock);
        var table = AliasTable.Of(read.Entries, InlineAliases.Entries(options.Rewrite), read.Problems);
        return new AliasReading(
            file, table, AliasCheck.Problems(table, name => rewriter.Explain(new Recipient(name), new AliasTree()).Failures ?? []));
    }
}
