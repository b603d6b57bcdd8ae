using System.Reflection;
using System.Text;
using RelayProxy.Configuration;
using RelayProxy.Harness;

namespace RelayProxy.Unit.Configuration;

/// <summary>A setting stands in four places: the options, the table, <c>config/relayproxy.json</c> and its schema. They agree.</summary>
public class SettingsInStepTests
{
    /// <summary>Options whose keys are in another section than their name says.</summary>
    private static readonly Dictionary<string, string> s_sections = new() { ["Session"] = "Listener" };

    [Fact]
    public void Every_property_of_the_options_is_a_setting_and_every_setting_a_property()
    {
        IEnumerable<string> properties = typeof(RelayOptions).GetProperties().SelectMany(section =>
            section.PropertyType.Namespace!.StartsWith("RelayProxy", StringComparison.Ordinal)
                ? section.PropertyType.GetProperties().Where(property => property.CanWrite)
                    .Select(property => $"{s_sections.GetValueOrDefault(section.Name, section.Name)}:{property.Name}")
                : [section.Name]);

        AssertSame("Settings.cs", properties, Settings.All.Select(setting => setting.Key));
    }

    [Fact]
    public void Every_setting_reaches_the_property_of_its_own_name()
    {
        foreach (Setting setting in Settings.All)
        {
            var options = new RelayOptions();
            (object owner, PropertyInfo property) = Owner(options, setting.Key);
            object? before = property.GetValue(owner);
            SettingValue other = Another(setting, options);

            Assert.Null(setting.Apply(options, other));

            object? after = property.GetValue(owner);
            Assert.True(!Equals(before, after), $"{setting.Key} does not set its property");
            Assert.Equal((setting.Key, other.Text), (setting.Key, setting.Show(options).Text));
        }
    }

    [Fact]
    public void The_file_holds_every_setting_at_its_default_and_with_a_comment()
    {
        string path = Repository.Path("config", "relayproxy.json");
        var problems = new List<ConfigurationProblem>();
        List<SourcedSetting> file = JsonFile.Read(path, File.ReadAllBytes(path), 1, problems);
        var fromFile = new RelayOptions();
        Assert.Empty(problems);

        // The file is for people, so it keeps the mail's way through the house; only the set must be the same.
        AssertSame("config/relayproxy.json", Settings.All.Select(setting => setting.Key), file.Select(setting => setting.Key));

        foreach (SourcedSetting setting in file)
        {
            Setting known = Settings.ByKey[setting.Key];
            Assert.Null(known.Apply(fromFile, setting.Value));
            Assert.Equal((setting.Key, known.Show(new RelayOptions()).Text), (setting.Key, known.Show(fromFile).Text));
        }

        Assert.All(SettingsGuide.Comments(), entry => Assert.True(entry.Comment.Length > 0, $"{entry.Key} has no comment"));
        Assert.Equal(
            file.Select(setting => setting.Key),
            SettingsGuide.Comments().Select(entry => entry.Key).Where(key => Settings.ByKey.ContainsKey(key)));
    }

    [Fact]
    public void The_file_says_which_settings_wait_for_a_restart() =>
        Assert.Equal(
            Settings.All.Where(setting => setting.Effect == SettingEffect.Restart).Select(setting => setting.Key).Order(StringComparer.Ordinal),
            SettingsGuide.Comments().Where(entry => entry.Comment.EndsWith("(restart)", StringComparison.Ordinal)).Select(entry => entry.Key).Order(StringComparer.Ordinal));

    [Fact]
    public void The_schema_is_what_the_table_and_the_file_say()
    {
        string path = Repository.Path("config", "relayproxy.schema.json");

        Assert.True(
            File.ReadAllText(path) == SettingsSchema.Write(),
            "config/relayproxy.schema.json is out of date; type: dotnet run --project src/RelayProxy -- config schema > config/relayproxy.schema.json");
    }

    [Fact]
    public void The_built_in_file_is_the_one_in_the_repository() =>
        Assert.Equal(File.ReadAllText(Repository.Path("config", "relayproxy.json"), Encoding.UTF8), SettingsGuide.Text);

    private static void AssertSame(string where, IEnumerable<string> expected, IEnumerable<string> actual)
    {
        string[] keys = [.. actual];
        Assert.True(!expected.Except(keys).Any(), $"{where} lacks {string.Join(", ", expected.Except(keys))}");
        Assert.True(!keys.Except(expected).Any(), $"{where} holds {string.Join(", ", keys.Except(expected))}, which nothing reads");
        Assert.Equal(keys.Distinct().Count(), keys.Length);
    }

    private static (object Owner, PropertyInfo Property) Owner(RelayOptions options, string key)
    {
        string[] parts = key.Split(':');
        if (parts.Length == 1)
        {
            return (options, typeof(RelayOptions).GetProperty(key)!);
        }

        foreach (PropertyInfo section in typeof(RelayOptions).GetProperties())
        {
            if (s_sections.GetValueOrDefault(section.Name, section.Name) == parts[0]
                && section.PropertyType.GetProperty(parts[1]) is { } property)
            {
                return (section.GetValue(options)!, property);
            }
        }

        throw new InvalidOperationException($"{key} has no property");
    }

    /// <summary>A value that fits and is not the default.</summary>
    private static SettingValue Another(Setting setting, RelayOptions options)
    {
        string now = setting.Show(options).Text;
        return setting.Shape.Kind switch
        {
            SettingKind.Switch => SettingValue.One(now == "true" ? "false" : "true"),
            SettingKind.Number => SettingValue.One($"{setting.Shape.Least + 11}"),
            SettingKind.Octets => SettingValue.One($"{setting.Shape.Least + 1111}"),
            SettingKind.Duration => SettingValue.One("17m"),
            SettingKind.Choice => SettingValue.One(setting.Shape.Choices!.First(choice => choice != now)),
            SettingKind.Map => SettingValue.One("""{"one":"two@example.net"}"""),
            SettingKind.List => SettingValue.List(["one", "two"]),
            SettingKind.Text => SettingValue.One("other"),
        };
    }
}
