using System.Text;

namespace RelayProxy.Configuration;

/// <summary><c>config/relayproxy.json</c> as it was when the program was built: every setting at its default, with its unit and
/// the reason.</summary>
internal static class SettingsGuide
{
    private const string Resource = "relayproxy.json";

    /// <summary>The file, to the letter.</summary>
    public static string Text { get; } = Read();

    /// <summary>What the file says of each key, sections included, in the file's order: the comment above it.</summary>
    public static IReadOnlyList<(string Key, string Comment)> Comments()
    {
        var comments = new List<(string, string)>();
        var comment = new StringBuilder();
        string section = "";
        foreach (string line in Text.Split('\n').Select(line => line.Trim()).SkipWhile(line => line != "{"))
        {
            if (line.StartsWith("//", StringComparison.Ordinal))
            {
                comment.Append(comment.Length == 0 ? "" : " ").Append(line.AsSpan(2).Trim());
            }
            else if (line.StartsWith('"') && line.IndexOf('"', 1) is > 0 and int end && line[1] != '$')
            {
                string name = line[1..end];
                bool opens = line.EndsWith('{');
                comments.Add((opens || section.Length == 0 ? name : $"{section}:{name}", comment.ToString()));
                section = opens ? name : section;
                comment.Clear();
            }
            else if (line.StartsWith('}'))
            {
                section = "";
            }
        }

        return comments;
    }

    private static string Read()
    {
        using Stream resource = typeof(SettingsGuide).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"The program was built without its {Resource}.");
        using var reader = new StreamReader(resource);
        return reader.ReadToEnd();
    }
}
