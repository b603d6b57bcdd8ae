namespace RelayProxy.Configuration;

/// <summary>Reads <c>--Section:Key=value</c> (or <c>--Section:Key value</c>). Every command takes such arguments among its own; the
/// colon tells them apart.</summary>
internal static class CommandLineSettings
{
    public static List<SourcedSetting> Read(IReadOnlyList<string> arguments, int rank) => Split(arguments, rank, []);

    /// <summary>The arguments that are no settings, in their order.</summary>
    public static List<string> Others(IReadOnlyList<string> arguments)
    {
        var others = new List<string>();
        Split(arguments, rank: 0, others);
        return others;
    }

    private static List<SourcedSetting> Split(IReadOnlyList<string> arguments, int rank, List<string> others)
    {
        var settings = new List<SourcedSetting>();
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
            }
            else if (equals >= 0)
            {
                Add(name[2..], argument[(equals + 1)..]);
            }
            else
            {
                bool hasValue = i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal);
                Add(name[2..], hasValue ? arguments[++i] : "");
            }
        }

        return settings;

        void Add(string key, string value) => settings.Add(new SourcedSetting(key, SettingValue.One(value), rank, $"command line --{key}"));
    }

    private static bool IsSetting(string name) =>
        name.StartsWith("--", StringComparison.Ordinal)
        && (name.Contains(':', StringComparison.Ordinal) || Settings.ByKey.ContainsKey(name[2..]));
}
