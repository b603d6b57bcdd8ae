namespace RelayProxy.Configuration;

/// <summary>Reads <c>--Section:Key=value</c> (or <c>--Section:Key value</c>), and picks such arguments out from among the
/// others, for every command takes them. The colon tells them apart from a command's own options.</summary>
internal static class CommandLineSettings
{
    /// <param name="arguments">All arguments.</param>
    /// <param name="rest">Those that are no settings, in their order.</param>
    public static List<SourcedSetting> Read(IReadOnlyList<string> arguments, int rank, out IReadOnlyList<string> rest)
    {
        var settings = new List<SourcedSetting>();
        var others = new List<string>();
        for (int i = 0; i < arguments.Count; i++)
        {
            string argument = arguments[i];
            if (argument == "--")
            {
                others.AddRange(arguments.Skip(i));
                break;
            }

            int equals = argument.IndexOf('=', StringComparison.Ordinal);
            string name = equals < 0 ? argument : argument[..equals];
            if (!IsSetting(name))
            {
                others.Add(argument);
                continue;
            }

            string value = equals >= 0 ? argument[(equals + 1)..] : i + 1 < arguments.Count ? arguments[++i] : "";
            settings.Add(new SourcedSetting(name[2..], SettingValue.One(value), rank, $"command line {name}"));
        }

        rest = others;
        return settings;
    }

    private static bool IsSetting(string name) =>
        name.StartsWith("--", StringComparison.Ordinal)
        && (name.Contains(':', StringComparison.Ordinal) || Settings.ByKey.ContainsKey(name[2..]));
}
