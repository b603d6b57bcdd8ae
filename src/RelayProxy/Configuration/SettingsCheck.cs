using RelayProxy.Delivery;
using RelayProxy.Delivery.Local;
using RelayProxy.Intake;
using RelayProxy.Listener;
using RelayProxy.Listener.Probes;
using RelayProxy.Queue;
using RelayProxy.Rewrite;
using RelayProxy.Session;
using RelayProxy.Telemetry;
using RelayProxy.Upstream;

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
            if (Settings.EntryOf(given.Key) is { } entry)
            {
                if (entry.Map.ApplyEntry(options, entry.Name, given.Value) is { } wrong)
                {
                    problems.Add(new ConfigurationProblem(given.Key, ConfigurationReport.Shown(entry.Map, given.Value), given.Source, wrong));
                }
            }
            else if (!Settings.ByKey.TryGetValue(given.Key, out Setting? setting))
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

        // What does not fit has been told already; a rule's word on the default that stands in its place would only confuse.
        foreach (BrokenRule rule in BrokenRules(options).Where(rule => !problems.Any(problem => problem.Key == rule.Key)).ToArray())
        {
            problems.Add(new ConfigurationProblem(rule.Key, null, SourceOf(settings, rule.Key), rule.Trouble));
        }
    }

    /// <summary>What sending needs, and looking at the queue does not.</summary>
    public static IReadOnlyList<ConfigurationProblem> Missing(RelayOptions options) =>
        [.. Sentences(SmarthostOptionsRules.Missing(options.Smarthost))
            .Select(rule => new ConfigurationProblem(rule.Key, null, ConfigurationReport.Default, rule.Trouble))];

    /// <summary>What may not be as somebody thinks it is, and stands in nobody's way.</summary>
    public static IEnumerable<ConfigurationProblem> Doubtful(IReadOnlyDictionary<string, SourcedSetting> settings, RelayOptions options) =>
        Sentences([.. ListenerOptionsRules.Doubtful(options.Listener), .. RewriteOptionsRules.Doubtful(options.Rewrite)])
            .Select(rule => new ConfigurationProblem(rule.Key, null, SourceOf(settings, rule.Key), rule.Trouble));

    /// <summary>What each room says of its settings taken together: the setting that a rule is about, and the sentence that goes on
    /// from there.</summary>
    private static IEnumerable<BrokenRule> BrokenRules(RelayOptions options) =>
    [
        .. Sentences(SmarthostOptionsRules.Broken(options.Smarthost)),
        .. Sentences(ListenerOptionsRules.Broken(options.Listener)),
        .. Sentences(SessionOptionsRules.Broken(options.Session)),
        .. Sentences(IntakeOptionsRules.Broken(options.Intake)),
        .. Sentences(RewriteOptionsRules.Broken(options.Rewrite)),
        .. Sentences(QueueOptionsRules.Broken(options.Queue)),
        .. Sentences(DeliveryOptionsRules.Broken(options.Delivery)),
        .. Sentences(LocalOptionsRules.Broken(options.Local)),
        .. Sentences(ProbeEndpointRules.Broken(options.Telemetry)),
        .. Sentences(TelemetryOptionsRules.Broken(options.Telemetry)),
    ];

    private static string SourceOf(IReadOnlyDictionary<string, SourcedSetting> settings, string key) =>
        settings.TryGetValue(key, out SourcedSetting? given) ? given.Source : ConfigurationReport.Default;

    private static IEnumerable<BrokenRule> Sentences(IEnumerable<string> rules) => rules.Select(BrokenRule.Of);

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

    private sealed record BrokenRule(string Key, string Trouble)
    {
        /// <summary>A rule's sentence begins with the setting that it is about.</summary>
        public static BrokenRule Of(string sentence)
        {
            int blank = sentence.IndexOf(' ', StringComparison.Ordinal);
            return new BrokenRule(sentence[..blank], sentence[(blank + 1)..]);
        }
    }
}
