namespace RelayProxy.Configuration.Import;

/// <summary>A lookup table's source: <c>key value</c> on each line. (The .db beside it is made from it by postmap.)</summary>
internal static class PostfixTables
{
    private static readonly string[] s_files = ["hash", "texthash", "lmdb", "btree", "cdb", "dbm", "sdbm"];
    private static readonly string[] s_expressions = ["regexp", "pcre"];

    /// <summary>The lines of all tables that a parameter names. What cannot be read is told.</summary>
    public static List<ImportLine> Lines(PostfixParameter parameter, ImportFiles files, ImportDraft draft)
    {
        var lines = new List<ImportLine>();
        foreach (string item in parameter.Items)
        {
            string table = item.StartsWith("proxy:", StringComparison.Ordinal) ? item["proxy:".Length..] : item;
            int colon = table.IndexOf(':', StringComparison.Ordinal);
            string type = colon < 0 ? "hash" : table[..colon];
            string path = table[(colon + 1)..];
            if (!s_files.Contains(type) && !s_expressions.Contains(type))
            {
                draft.Impossible(parameter.Line, $"{parameter.Name} = {item}: tables of this type cannot be read here");
            }
            else if (files.Follow(path) is not { } found)
            {
                draft.Impossible(parameter.Line, $"{parameter.Name} = {item}: {path} is not there; name it too");
            }
            else
            {
                lines.AddRange(ImportFiles.Lines(found, joined: true));
            }
        }

        return lines;
    }

    /// <summary>Key and value of a line.</summary>
    public static (string Key, string Value) Split(ImportLine line)
    {
        int blank = line.Text.IndexOfAny([' ', '\t']);
        return blank < 0 ? (line.Text, "") : (line.Text[..blank], line.Text[blank..].Trim());
    }
}
