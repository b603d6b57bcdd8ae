namespace RelayProxy.Configuration;

/// <summary>Reads <c>--Section:Key=value</c> (or <c>--Section:Key value</c>). Every command takes such arguments among its own; the
/// colon tells them apart.</summary>
internal static class CommandLineSettings
{
    public static List<SourcedSetting> Read(IReadOnlyList<string> arguments, int rank) =>
    [
        .. Split(arguments).Settings.Select(setting => new SourcedSetting(
            setting.Key, SettingValue.One(setting.Value), rank, $"command line --{setting.Key}")),
    ];

    /// <summary>The settings among the arguments, and the rest in its order.</summary>
    public static (IReadOnlyList<(string Key, string Value)> Settings, IReadOnlyList<string> Others) Split(IReadOnlyList<string> arguments)
    {
        var settings = new List<(string, string)>();
        var rest = new List<string>();
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (argument == "--")
            {
                rest.AddRange(arguments.Skip(i));
                break;
            }

            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? argument : argument[..equals];
            if (!IsSetting(name))
            {
                rest.Add(argument);
            }
            else if (equals >= 0)
            {
                settings.Add((name[2..], argument[(equals + 1)..]));
            }
            else
            {
                bool hasValue = i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal);
                settings.Add((name[2..], hasValue ? arguments[++i] : ""));
            }
        }

        return (settings, rest);
    }

    private static bool IsSetting(string name) =>
        name.StartsWith("--", StringComparison.Ordinal)
        && (name.Contains(':', StringComparison.Ordinal) || Settings.ByKey.ContainsKey(name[2..]));
}
