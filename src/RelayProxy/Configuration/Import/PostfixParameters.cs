using System.Text.RegularExpressions;

namespace RelayProxy.Configuration.Import;

/// <summary>The parameters of main.cf, or of what <c>postconf -n</c> prints: <c>name = value</c>, continued by indented lines; the last of a name
/// counts, and <c>$name</c> in a value stands for another parameter's.</summary>
internal sealed partial class PostfixParameters
{
    private readonly Dictionary<string, PostfixParameter> _parameters = new(StringComparer.Ordinal);

    private PostfixParameters(IEnumerable<ImportLine> lines)
    {
        foreach (ImportLine line in lines)
        {
            string[] parts = line.Text.Split('=', 2, StringSplitOptions.TrimEntries);
            if (_parameters.TryGetValue(parts[0], out PostfixParameter? earlier))
            {
                Overridden.Add(earlier);
            }

            _parameters[parts[0]] = new PostfixParameter(parts[0], parts.Length > 1 ? parts[1] : "", line);
        }
    }

    /// <summary>As they are written, in the file's order.</summary>
    public IEnumerable<PostfixParameter> All => _parameters.Values.OrderBy(parameter => parameter.Line.Number);

    /// <summary>Parameters that are set again below.</summary>
    public List<PostfixParameter> Overridden { get; } = [];

    public static PostfixParameters Read(string path) => new(ImportFiles.Lines(path, joined: true));

    /// <summary>With what <c>$name</c> stands for; <c>null</c> if the parameter is not set.</summary>
    public PostfixParameter? Find(string name) =>
        _parameters.TryGetValue(name, out PostfixParameter? parameter) ? Expanded(parameter) : null;

    /// <summary>Empty if it is not set.</summary>
    public string Text(string name) => Find(name)?.Value ?? "";

    public bool IsYes(string name) => Text(name) == "yes";

    /// <summary>Of the names that this does not know there is nothing left in the value.</summary>
    public PostfixParameter Expanded(PostfixParameter parameter) => parameter with { Value = Expand(parameter.Value, depth: 0) };

    private string Expand(string value, int depth) => depth > 10 ? "" : Names().Replace(value, match =>
        _parameters.TryGetValue(match.Groups[1].Value, out PostfixParameter? other) ? Expand(other.Value, depth + 1) : Default(match.Groups[1].Value));

    private string Default(string name) => name switch
    {
        "myhostname" => Mail.HostIdentity.FullyQualifiedName,
        "mydomain" when Text("myhostname") is { Length: > 0 } host && host.Contains('.', StringComparison.Ordinal) =>
            host[(host.IndexOf('.', StringComparison.Ordinal) + 1)..],
        "myorigin" => Text("myhostname"),
        "config_directory" => "/etc/postfix",
        _ => "",
    };

    [GeneratedRegex(@"\$[({]?([a-z0-9_]+)[)}]?")]
    private static partial Regex Names();
}

/// <summary>One parameter of Postfix's.</summary>
internal sealed record PostfixParameter(string Name, string Value, ImportLine Line)
{
    /// <summary>Separated by commas or blanks.</summary>
    public IReadOnlyList<string> Items => Value.Split([',', ' ', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A login may stand here itself: <c>static:user:password</c>.</summary>
    public override string ToString() => Value.StartsWith("static:", StringComparison.Ordinal) ? Name : ImportDraft.Told(Name, $"{Name} = {Value}");
}
