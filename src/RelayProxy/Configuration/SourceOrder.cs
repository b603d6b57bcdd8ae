using Microsoft.Extensions.Configuration;

namespace RelayProxy.Configuration;

/// <summary>
/// Lays the sources over each other: for each key what the latest source says. A list is replaced as a whole, never item by
/// item, for half of one list and half of another is what nobody meant.
/// </summary>
internal sealed class SourceOrder
{
    private readonly List<SourcedSetting> _settings = [];
    private readonly ICollection<ConfigurationProblem> _problems;
    private readonly ICollection<string> _files;

    private SourceOrder(ICollection<ConfigurationProblem> problems, ICollection<string> files)
    {
        _problems = problems;
        _files = files;
    }

    /// <summary>One value for each key, by the key's proper spelling where it has one.</summary>
    /// <param name="files">Gets the files that settings name and that were read.</param>
    public static IReadOnlyDictionary<string, SourcedSetting> Settle(
        IConfigurationRoot root, ICollection<ConfigurationProblem> problems, ICollection<string> files)
    {
        var order = new SourceOrder(problems, files);
        foreach (SettingsProvider provider in root.Providers.OfType<SettingsProvider>())
        {
            order.Take(provider);
        }

        return order.Settle();
    }

    private void Take(SettingsProvider provider)
    {
        SourcedSetting[] settings = [.. provider.Settings.Where(IsText).Select(ReadFileVariant).OfType<SourcedSetting>()];
        SourcedSetting[] parts = [.. settings.Where(IsUrl).SelectMany(ExpandUrl)];

        // What a URL stands for comes first, so that what the same source sets by itself wins over it. A file that lists every setting
        // sets nothing by itself where it repeats the default.
        _settings.AddRange(parts);
        _settings.AddRange(settings.Where(setting => !parts.Any(part => Is(part.Key, setting.Key)) || !IsDefault(setting)));
    }

    /// <summary>A NUL ends a name for the system, and nobody means one.</summary>
    private bool IsText(SourcedSetting setting)
    {
        bool isText = !setting.Value.Items.Any(item => item.Contains('\0', StringComparison.Ordinal));
        if (!isText)
        {
            _problems.Add(new ConfigurationProblem(setting.Key, null, setting.Source, "holds control characters (a NUL), which no setting may; write it without"));
        }

        return isText;
    }

    private Dictionary<string, SourcedSetting> Settle()
    {
        var settled = new Dictionary<string, SourcedSetting>(StringComparer.OrdinalIgnoreCase);
        foreach (SourcedSetting setting in _settings)
        {
            if (settled.TryGetValue(setting.Key, out SourcedSetting? other) && IsContradiction(other, setting))
            {
                _problems.Add(new ConfigurationProblem(
                    setting.Key, null, setting.Source, $"is set a second time; {other.Source} sets it too: keep one of them"));
            }

            settled[setting.Key] = setting;
            foreach (string alternative in AlternativesOf(setting.Key))
            {
                if (settled.TryGetValue(alternative, out SourcedSetting? displaced) && Displaces(setting, displaced))
                {
                    settled.Remove(alternative);
                }
            }
        }

        return settled;
    }

    /// <summary>A later source always does; in the same source what is set by itself displaces what the URL stands for.</summary>
    private static bool Displaces(SourcedSetting setting, SourcedSetting other) =>
        other.Rank < setting.Rank || (other is Derived && setting.Value.Text.Length > 0);

    /// <summary>Only the environment can say two things of one key that nobody sees: by letter case, or as a list and as a text. On a
    /// command line the later one is meant.</summary>
    private static bool IsContradiction(SourcedSetting one, SourcedSetting other) =>
        one.Rank == other.Rank
        && one is not Derived
        && other.Source.StartsWith("environment ", StringComparison.Ordinal);

    private static IEnumerable<string> AlternativesOf(string key) => Configuration.Settings.Alternatives
        .Where(group => group.Contains(key, StringComparer.OrdinalIgnoreCase))
        .SelectMany(group => group)
        .Where(other => !Is(other, key));

    private SourcedSetting? ReadFileVariant(SourcedSetting setting)
    {
        if (!Settings.FileVariants.TryGetValue(setting.Key, out string? key))
        {
            return setting;
        }

        string path = setting.Value.Text;
        if (SecretFile.Check(path) is { } trouble)
        {
            _problems.Add(new ConfigurationProblem(setting.Key, null, setting.Source, trouble));
            return null;
        }

        _files.Add(path);
        return setting with { Key = key, Value = SettingValue.One(SecretFile.ReadFirstLine(path)), Source = $"{setting.Source} → {path}" };
    }

    private IEnumerable<SourcedSetting> ExpandUrl(SourcedSetting setting)
    {
        if (SmarthostUrl.TryParse(setting.Value.Text, out SmarthostUrl url, out string trouble))
        {
            return url.Settings().Select(part => new Derived(part.Key, SettingValue.One(part.Value), setting.Rank, setting.Source));
        }

        _problems.Add(new ConfigurationProblem(setting.Key, null, setting.Source, trouble));
        return [];
    }

    private static bool IsUrl(SourcedSetting setting) => Is(setting.Key, "Smarthost:Url") && setting.Value.Text.Length > 0;

    private static bool IsDefault(SourcedSetting setting)
    {
        var options = new RelayOptions();
        return Settings.ByKey.TryGetValue(setting.Key, out Setting? known)
            && known.Show(options).Text is var before
            && known.Apply(options, setting.Value) is null
            && known.Show(options).Text == before;
    }

    private static bool Is(string key, string other) => string.Equals(key, other, StringComparison.OrdinalIgnoreCase);

    /// <summary>A setting that a URL stands for.</summary>
    private sealed record Derived(string Key, SettingValue Value, int Rank, string Source) : SourcedSetting(Key, Value, Rank, Source);
}
