namespace RelayProxy.Configuration;

/// <summary>The name somebody may have meant.</summary>
internal static class DidYouMean
{
    /// <summary>The nearest of the names, if one is near: at most a third of its letters wrong, left out or too many.</summary>
    public static string? Nearest(string wrong, IEnumerable<string> names) => names
        .Select(name => (Name: name, Distance: Distance(wrong.ToUpperInvariant(), name.ToUpperInvariant())))
        .Where(near => near.Distance <= Math.Max(2, near.Name.Length / 3))
        .OrderBy(near => near.Distance)
        .Select(near => near.Name)
        .FirstOrDefault();

    /// <summary>Levenshtein's: how many letters must be put in, taken out or changed.</summary>
    private static int Distance(string left, string right)
    {
        int[] row = [.. Enumerable.Range(0, right.Length + 1)];
        for (int i = 0; i < left.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i + 1;
            for (int j = 0; j < right.Length; j++)
            {
                int change = diagonal + (left[i] == right[j] ? 0 : 1);
                diagonal = row[j + 1];
                row[j + 1] = Math.Min(change, 1 + Math.Min(row[j], row[j + 1]));
            }
        }

        return row[^1];
    }
}
