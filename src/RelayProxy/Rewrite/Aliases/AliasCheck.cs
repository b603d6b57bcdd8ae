using RelayProxy.Mail;

namespace RelayProxy.Rewrite.Aliases;

/// <summary>Looks for everything in the aliases that somebody should mend: what cannot be read, and what leads nowhere.</summary>
internal static class AliasCheck
{
    /// <summary>Each alias is followed as if mail came for it; of a larger file that would take too long.</summary>
    private const int MostFollowed = 10_000;

    /// <summary>In the order in which they stand in their files, each once.</summary>
    public static IReadOnlyList<AliasProblem> Problems(AliasTable table, Func<Mailbox, IReadOnlyList<FailedPart>> follow)
    {
        var problems = new List<AliasProblem>(table.Problems);
        var lists = new HashSet<string>(StringComparer.Ordinal);
        foreach (AliasEntry entry in table.Entries.Take(MostFollowed))
        {
            foreach (AliasDestination include in entry.Destinations.Where(destination => destination.Kind == AliasDestinationKind.Include))
            {
                AddList(include, lists, problems);
            }

            // A domain's alias is tried with a name that nobody has.
            string name = entry.Key.LocalPart.Length > 0 ? entry.Key.LocalPart : "relayproxy-check";
            foreach (FailedPart failure in follow(new Mailbox(name, entry.Key.Domain)))
            {
                // What could not be read has been told; a refusal is what its alias is for.
                if (failure.Part is not { Kind: AliasDestinationKind.Broken or AliasDestinationKind.Refusal })
                {
                    problems.Add(new AliasProblem(failure.Part?.Place ?? entry.Place, false, $"{entry.Key}: {failure.Reply}"));
                }
            }
        }

        return [.. problems
            .DistinctBy(problem => (problem.Place, problem.IsWarning, problem.IsWarning ? problem.Text : ""))
            .OrderBy(problem => problem.Place.Source, StringComparer.Ordinal)
            .ThenBy(problem => problem.Place.Line)
            .ThenBy(problem => problem.Place.Column)];
    }

    private static void AddList(AliasDestination include, HashSet<string> lists, List<AliasProblem> problems)
    {
        if (!lists.Add(include.Text))
        {
            return;
        }

        try
        {
            problems.AddRange(AliasFile.ReadList(include.Text, AliasText.Read(include.Text)).Problems);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            problems.Add(new AliasProblem(include.Place, false, $"{include.Text} cannot be read: {fault.Message}"));
        }
    }
}
