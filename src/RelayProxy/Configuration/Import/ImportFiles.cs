namespace RelayProxy.Configuration.Import;

/// <summary>A line of a file that is imported; continuation lines are part of the first.</summary>
internal sealed record ImportLine(string File, int Number, string Text);

/// <summary>The files that were named, or that are in the folders that were.</summary>
/// <param name="paths">Whole paths.</param>
internal sealed class ImportFiles(IReadOnlyList<string> paths)
{
    /// <summary>A file of this name: named itself, or in a folder that is; <c>null</c> if there is none.</summary>
    public string? Find(string name) => paths
        .Select(path => Directory.Exists(path) ? Path.Combine(path, name) : path)
        .FirstOrDefault(path => Path.GetFileName(path) == name && File.Exists(path));

    /// <summary>As <see cref="Find"/>; or the one file that was named, whatever it is called.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    public string Require(string name) => Find(name)
        ?? paths.FirstOrDefault(path => paths.Count == 1 && File.Exists(path))
        ?? throw new FileNotFoundException($"There is no {name} in {string.Join(", ", paths)}.");

    /// <summary>A file that another names. Where a configuration was copied from another machine, it is beside the one that names it.</summary>
    public string? Follow(string path) => File.Exists(path) ? path : Find(Path.GetFileName(path));

    /// <summary>Lines without comments (<c>#</c> as the first letter) and without empty ones.</summary>
    /// <param name="joined">Lines that begin with a blank continue the one before.</param>
    public static List<ImportLine> Lines(string path, bool joined = false)
    {
        var lines = new List<ImportLine>();
        string[] texts = File.ReadAllText(path).Split('\n');
        for (int i = 0; i < texts.Length; i++)
        {
            string text = texts[i].TrimEnd();
            string trimmed = text.TrimStart();
            if (trimmed.Length == 0 || trimmed[0] == '#')
            {
                continue;
            }

            if (joined && text.Length > trimmed.Length && lines.Count > 0)
            {
                lines[^1] = lines[^1] with { Text = $"{lines[^1].Text} {trimmed}" };
            }
            else
            {
                lines.Add(new ImportLine(path, i + 1, trimmed));
            }
        }

        return lines;
    }
}
