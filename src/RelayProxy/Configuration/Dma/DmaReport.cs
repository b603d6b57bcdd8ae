namespace RelayProxy.Configuration.Dma;

/// <summary>What dma.conf says in this relay's own words, and what there is to say about it.</summary>
/// <param name="path">Of dma.conf.</param>
internal sealed class DmaReport(string path, int rank)
{
    public List<SourcedSetting> Settings { get; } = [];

    /// <summary>What cannot be done, or must not.</summary>
    public List<ConfigurationProblem> Problems { get; } = [];

    /// <summary>What was forgiven, and what is done otherwise than by dma.</summary>
    public List<ConfigurationProblem> Warnings { get; } = [];

    /// <summary>Every line that was understood.</summary>
    public List<DmaDirective> Directives { get; } = [];

    /// <summary>dma.conf and the files it names that were read.</summary>
    public List<string> Files { get; } = [];

    /// <summary>The setting that a directive stands for.</summary>
    /// <param name="directive"><c>null</c>: it is dma's default.</param>
    public void Set(DmaDirective? directive, string key, string value) => Set(SourceOf(directive), key, SettingValue.One(value));

    public void Set(string source, string key, SettingValue value) => Settings.Add(new SourcedSetting(key, value, rank, source));

    /// <summary>The file as a whole cannot be used.</summary>
    public void Refuse(string trouble) => Problems.Add(new ConfigurationProblem("", null, path, trouble));

    public void Refuse(DmaDirective directive, string trouble) => Refuse(directive.Name, SourceOf(directive), trouble);

    public void Refuse(string name, string source, string trouble) => Problems.Add(new ConfigurationProblem(name, null, source, trouble));

    public void Warn(DmaDirective directive, string what) => Warn(directive.Name, SourceOf(directive), what);

    public void Warn(string name, string source, string what) => Warnings.Add(new ConfigurationProblem(name, null, source, what));

    /// <summary>Of a directive that is not there.</summary>
    public void WarnOfMissing(string name, string what) => Warn(name, path, what);

    public string SourceOf(DmaDirective? directive) => directive is null ? $"{path} (dma's default)" : SourceOf(directive.Line);

    public string SourceOf(int line) => $"{path}:{line}";
}
