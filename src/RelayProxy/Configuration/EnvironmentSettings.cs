using System.Globalization;

namespace RelayProxy.Configuration;

/// <summary>
/// Reads <c>RELAYPROXY_Section__Key=value</c>, and <c>RELAYPROXY_Section__Key__0</c>, <c>__1</c> … for lists. Letter case is
/// free. What is set to nothing at all counts as not set: compose files pass on variables that nobody has set as empty ones.
/// </summary>
internal static class EnvironmentSettings
{
    public const string Prefix = "RELAYPROXY_";

    /// <summary>Variables that say where settings are, and are none.</summary>
    private static readonly string[] s_others = [ConfigurationFile.Variable, Dma.DmaFile.Variable];

    public static List<SourcedSetting> Read(IReadOnlyDictionary<string, string> environment, int rank)
    {
        var settings = new List<SourcedSetting>();
        var lists = new Dictionary<string, SortedList<int, string>>(StringComparer.OrdinalIgnoreCase);
        foreach (string name in Names(environment))
        {
            string key = name[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal);
            int colon = key.LastIndexOf(':');
            if (colon > 0 && int.TryParse(key.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
            {
                string list = key[..colon];
                (lists.TryGetValue(list, out SortedList<int, string>? items) ? items : lists[list] = [])[index] = environment[name];
            }
            else
            {
                settings.Add(new SourcedSetting(key, SettingValue.One(environment[name]), rank, $"environment {name}"));
            }
        }

        foreach ((string key, SortedList<int, string> items) in lists)
        {
            string first = $"{Prefix}{key.Replace(":", "__", StringComparison.Ordinal)}__{items.Keys[0]}";
            settings.Add(new SourcedSetting(key, SettingValue.List([.. items.Values]), rank, $"environment {first}"));
        }

        return settings;
    }

    /// <summary>The variables that are settings, in the same order every time.</summary>
    private static List<string> Names(IReadOnlyDictionary<string, string> environment)
    {
        var names = new List<string>();
        foreach ((string name, string value) in environment)
        {
            if (value.Length > 0
                && name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)
                && !s_others.Contains(name, StringComparer.OrdinalIgnoreCase)
                && !IsKubernetesServiceLink(name))
            {
                names.Add(name);
            }
        }

        names.Sort(StringComparer.Ordinal);
        return names;
    }

    /// <summary>Kubernetes puts <c>NAME_SERVICE_HOST</c>, <c>NAME_PORT_25_TCP_ADDR</c> … into every container of the namespace of a
    /// Service; one that is called relayproxy would otherwise look like misspelt settings.</summary>
    private static bool IsKubernetesServiceLink(string name) =>
        !name.Contains("__", StringComparison.Ordinal)
        && (name.EndsWith("_SERVICE_HOST", StringComparison.Ordinal)
            || name.Contains("_SERVICE_PORT", StringComparison.Ordinal)
            || name.EndsWith("_PORT", StringComparison.Ordinal)
            || (name.Contains("_PORT_", StringComparison.Ordinal)
                && (name.Contains("_TCP", StringComparison.Ordinal) || name.Contains("_UDP", StringComparison.Ordinal))));
}
