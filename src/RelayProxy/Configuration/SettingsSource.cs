using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace RelayProxy.Configuration;

/// <summary>One source of settings, at its place among the others: a later one wins (Microsoft.Extensions.Configuration).</summary>
/// <param name="read">Reads the source, given its rank.</param>
internal sealed class SettingsSource(Func<int, IEnumerable<SourcedSetting>> read) : IConfigurationSource
{
    public IConfigurationProvider Build(IConfigurationBuilder builder) => new SettingsProvider(read, builder.Sources.IndexOf(this) + 1);
}

/// <summary>
/// What one source says. Beside the flat keys and texts that every configuration provider has (<c>Listener:Endpoints:0</c>), it knows of
/// each setting where in the source it stands, for that is where somebody will have to look.
/// </summary>
internal sealed class SettingsProvider(Func<int, IEnumerable<SourcedSetting>> read, int rank) : ConfigurationProvider
{
    /// <summary>In the order in which they stand in the source.</summary>
    public IReadOnlyList<SourcedSetting> Settings { get; private set; } = [];

    public override void Load()
    {
        Settings = [.. read(rank)];
        Data = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (SourcedSetting setting in Settings)
        {
            if (!setting.Value.IsList)
            {
                Set(setting.Key, setting.Value.Text);
                continue;
            }

            for (int i = 0; i < setting.Value.Items.Count; i++)
            {
                Set(ConfigurationPath.Combine(setting.Key, i.ToString(CultureInfo.InvariantCulture)), setting.Value.Items[i]);
            }
        }
    }
}
