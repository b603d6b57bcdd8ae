using RelayProxy.Telemetry;

namespace RelayProxy.Configuration;

/// <summary>The effective value of every setting, and where it came from; secrets masked.</summary>
internal sealed class ConfigurationReport
{
    /// <summary>The source of what nobody set.</summary>
    public const string Default = "default";

    private static readonly RelayOptions s_defaults = new();

    private const string Mask = "********";

    private ConfigurationReport(IReadOnlyList<ReportedSetting> settings) => Settings = settings;

    public IReadOnlyList<ReportedSetting> Settings { get; }

    public static ConfigurationReport Of(RelayOptions options, IReadOnlyDictionary<string, SourcedSetting> sources) =>
        new([.. Configuration.Settings.All.Select(setting => new ReportedSetting(
            setting,
            Masked(setting, setting.Show(options)),
            SourceOf(setting, sources),
            setting.Show(options).Text == setting.Show(s_defaults).Text))]);

    /// <summary>The keys whose values differ, secrets included, between two readings.</summary>
    public static IReadOnlyList<Setting> Changes(RelayOptions before, RelayOptions after) =>
        [.. Configuration.Settings.All.Where(setting => setting.Show(before).Text != setting.Show(after).Text)];

    /// <summary>A value for people to see.</summary>
    public static string Shown(Setting setting, SettingValue value)
    {
        if (setting is MapSetting)
        {
            return value.Text;
        }

        SettingValue masked = Masked(setting, value);
        return masked.IsList ? $"[{string.Join(", ", masked.Items.Select(item => $"\"{item}\""))}]" : $"\"{masked.Text}\"";
    }

    private static string SourceOf(Setting setting, IReadOnlyDictionary<string, SourcedSetting> sources)
    {
        if (setting is MapSetting)
        {
            string[] entries = [.. sources.Values
                .Where(source => Configuration.Settings.EntryOf(source.Key)?.Map == setting)
                .OrderBy(source => source.Rank)
                .Select(source => source.Source)];
            if (entries.Length > 0)
            {
                return string.Join(", ", entries);
            }
        }

        return sources.TryGetValue(setting.Key, out SourcedSetting? given) ? given.Source : Default;
    }

    /// <summary>Where the name of a secret's file belongs, some write the secret.</summary>
    private static bool IsMistakenSecret(Setting setting, string text) =>
        Configuration.Settings.SecretFiles.Contains(setting.Key) && !SecretFile.MayBeShown(text);

    private static SettingValue Masked(Setting setting, SettingValue value)
    {
        if (value.Text.Length == 0 || setting is MapSetting)
        {
            return value;
        }

        if (!setting.IsSecret)
        {
            return IsMistakenSecret(setting, value.Text) ? SettingValue.One(Mask)
                : value.IsList ? SettingValue.List([.. value.Items.Select(item => LogText.WithoutLogin(item))])
                : SettingValue.One(LogText.WithoutLogin(value.Text, isPlace: setting.Key == "Smarthost:Host"));
        }

        // Of a URL all but the password may be seen.
        string text = value.Text;
        return SmarthostUrl.TryParse(text, out SmarthostUrl url, out _) && url.Password.Length > 0
            ? SettingValue.One($"{text[..(text.IndexOf("://", StringComparison.Ordinal) + 3)]}{url.Username}:{Mask}@{text[(text.LastIndexOf('@') + 1)..]}")
            : SettingValue.One(Mask);
    }
}

/// <param name="Value">Masked if it is secret.</param>
/// <param name="IsDefault">The value is the default, whoever says so.</param>
internal sealed record ReportedSetting(Setting Setting, SettingValue Value, string Source, bool IsDefault);
