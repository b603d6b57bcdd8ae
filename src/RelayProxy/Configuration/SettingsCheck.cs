using RelayProxy.Delivery;
using RelayProxy.Intake;
using RelayProxy.Queue;
using RelayProxy.Rewrite;
using RelayProxy.Session;

namespace RelayProxy.Configuration;

/// <summary>Puts the values into the options, and finds all that is wrong: keys that nobody knows, values that do not fit, and what
/// settings together must not say.</summary>
internal static class SettingsCheck
{
    public static void Apply(
        IReadOnlyDictionary<string, SourcedSetting> settings, RelayOptions options, ICollection<ConfigurationProblem> problems)
    {
        foreach (SourcedSetting given in settings.Values.OrderBy(setting => setting.Rank))
        {
            if (!Settings.ByKey.TryGetValue(given.Key, out Setting? setting))
            {
                problems.Add(new ConfigurationProblem(given.Key, null, given.Source, Unknown(given.Key)));
            }
            else if (setting.Apply(options, given.Value) is { } trouble)
            {
                problems.Add(new ConfigurationProblem(setting.Key, ConfigurationReport.Shown(setting, given.Value), given.Source, trouble));
            }
        }

        foreach (string key in Settings.SecretFiles)
        {
            if (settings.TryGetValue(key, out SourcedSetting? given)
                && given.Value.Text.Length > 0
                && SecretFile.Check(given.Value.Text) is { } trouble)
            {
                problems.Add(new ConfigurationProblem(key, null, given.Source, trouble));
            }
        }

        foreach (string rule in BrokenRules(options))
        {
            // A rule's sentence begins with the setting that it is about.
            string key = rule[..rule.AsSpan().IndexOfAny(" =,;")];
            string source = settings.TryGetValue(key, out SourcedSetting? given) ? given.Source : ConfigurationReport.Default;
            problems.Add(new ConfigurationProblem(key, null, source, rule[key.Length..].TrimStart()));
        }
    }

    /// <summary>What each room says of its settings taken together.</summary>
    private static IEnumerable<string> BrokenRules(RelayOptions options) =>
    [
        .. SessionOptionsRules.Broken(options.Session),
        .. IntakeOptionsRules.Broken(options.Intake),
        .. RewriteOptionsRules.Broken(options.Rewrite),
        .. QueueOptionsRules.Broken(options.Queue),
        .. DeliveryOptionsRules.Broken(options.Delivery),
    ];

    private static string Unknown(string key)
    {
        if (Settings.All.Any(setting => setting.Key.StartsWith(key + ":", StringComparison.OrdinalIgnoreCase)))
        {
            return "is a section, not a setting; write { … } with settings in it";
        }

        // The right name in the wrong section is a likelier slip than any misspelling.
        string name = key[(key.LastIndexOf(':') + 1)..];
        string? meant = Settings.All.Select(setting => setting.Key)
                .FirstOrDefault(known => known.EndsWith(":" + name, StringComparison.OrdinalIgnoreCase))
            ?? DidYouMean.Nearest(key, Settings.ByKey.Keys.Concat(Settings.FileVariants.Keys));
        return meant is null
            ? "is no setting of this relay; config/relayproxy.json lists them all (relayproxy config defaults)"
            : $"is no setting of this relay; did you mean {meant}?";
    }
}
