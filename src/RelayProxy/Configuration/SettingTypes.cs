using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RelayProxy.Configuration;

/// <summary>The types that settings have.</summary>
internal static class SettingTypes
{
    public static SettingType<string> Text { get; } = new(
        new SettingShape(SettingKind.Text, "a text without control characters", "write a text on one line"),
        static (SettingValue value, [NotNullWhen(true)] out string? parsed) =>
        {
            // A line end in a name would end a command on the wire, or a line in the log.
            parsed = value.Items[0].Trim();
            return !parsed.Any(char.IsControl);
        },
        SettingValue.One);

    /// <summary>Not trimmed: a password may begin or end with a blank.</summary>
    public static SettingType<string> Verbatim { get; } = Text with
    {
        TryParse = static (SettingValue value, [NotNullWhen(true)] out string? parsed) =>
        {
            parsed = value.Items[0];
            return !parsed.AsSpan().ContainsAny('\0', '\r', '\n');
        },
    };

    public static SettingType<bool> Switch { get; } = new(
        new SettingShape(SettingKind.Switch, "a switch", "write true or false"),
        static (SettingValue value, out bool parsed) =>
        {
            string text = value.Items[0].Trim().ToUpperInvariant();
            parsed = text is "TRUE" or "YES" or "ON" or "1";
            return parsed || text is "FALSE" or "NO" or "OFF" or "0";
        },
        static value => SettingValue.One(value ? "true" : "false"));

    public static SettingType<IList<string>> List { get; } = new(
        new SettingShape(SettingKind.List, "a list of texts without control characters", "write a JSON array or one comma-separated text"),
        static (SettingValue value, [NotNullWhen(true)] out IList<string>? parsed) =>
        {
            parsed = [.. value.AsList().Select(item => item.Trim()).Where(item => item.Length > 0)];
            return !parsed.Any(item => item.Any(char.IsControl));
        },
        static value => SettingValue.List([.. value]));

    public static SettingType<int> Number(int least, int most) => new(
        new SettingShape(SettingKind.Number, $"a whole number from {least} to {most}", $"write one from {least} to {most}", least, most),
        (SettingValue value, out int parsed) =>
            int.TryParse(value.Items[0], NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite,
                CultureInfo.InvariantCulture, out parsed)
            && parsed >= least && parsed <= most,
        static value => SettingValue.One(value.ToString(CultureInfo.InvariantCulture)));

    public static SettingType<long> Octets(long least, long most) => new(
        new SettingShape(
            SettingKind.Octets,
            $"a size from {OctetCount.Format(least)} to {OctetCount.Format(most)}",
            "write octets as a number, or with a unit: 512KiB, 50MiB, 25MB",
            least,
            most),
        (SettingValue value, out long parsed) => OctetCount.TryParse(value.Items[0], out parsed) && parsed >= least && parsed <= most,
        static value => SettingValue.One(OctetCount.Format(value)));

    public static SettingType<TimeSpan> Duration(TimeSpan least, TimeSpan most) => new(
        new SettingShape(
            SettingKind.Duration,
            $"a duration from {Configuration.Duration.Format(least)} to {Configuration.Duration.Format(most)}",
            "write it with a unit (30s, 5m, 1h30m, 5d) or as hh:mm:ss"),
        (SettingValue value, out TimeSpan parsed) =>
            Configuration.Duration.TryParse(value.Items[0], out parsed) && parsed >= least && parsed <= most,
        static value => SettingValue.One(Configuration.Duration.Format(value)));

    public static SettingType<T> Choice<T>()
        where T : struct, Enum
    {
        string[] names = Enum.GetNames<T>();
        return new SettingType<T>(
            new SettingShape(SettingKind.Choice, "one of the choices", $"write {string.Join(", ", names[..^1])} or {names[^1]}", Choices: names),
            static (SettingValue value, out T parsed) =>
            {
                // By name only: Enum.TryParse alone would take numbers, and "Text, Json".
                string text = value.Items[0].Trim();
                parsed = default;
                return Enum.GetNames<T>().Contains(text, StringComparer.OrdinalIgnoreCase) && Enum.TryParse(text, ignoreCase: true, out parsed);
            },
            static value => SettingValue.One(value.ToString()));
    }
}
