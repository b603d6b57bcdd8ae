using System.Globalization;
using RelayProxy.Telemetry;

namespace RelayProxy.Commands;

/// <summary>Text for people: columns, ages, sizes, and nothing that a terminal would obey.</summary>
internal static class TerminalText
{
    /// <summary>Reply texts and addresses come from outside, and a terminal obeys escape sequences.</summary>
    public static string Safe(string text) => LogText.Printable(text, int.MaxValue);

    /// <summary>In its largest unit: <c>45s</c>, <c>12m</c>, <c>3h</c>, <c>4d</c>.</summary>
    public static string Age(TimeSpan age) => age switch
    {
        { TotalDays: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{(long)age.TotalDays}d"),
        { TotalHours: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{(long)age.TotalHours}h"),
        { TotalMinutes: >= 2 } => string.Create(CultureInfo.InvariantCulture, $"{(long)age.TotalMinutes}m"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, (long)age.TotalSeconds)}s"),
    };

    /// <summary><c>512B</c>, <c>1.2KiB</c>, <c>25MiB</c>.</summary>
    public static string Size(long octets) => octets switch
    {
        < 1024 => string.Create(CultureInfo.InvariantCulture, $"{octets}B"),
        < 1024 * 1024 => Scaled(octets / 1024.0, "KiB"),
        < 1024 * 1024 * 1024 => Scaled(octets / (1024.0 * 1024), "MiB"),
        _ => Scaled(octets / (1024.0 * 1024 * 1024), "GiB"),
    };

    /// <summary>Local time to the second, with its offset: what an operator compares with a log.</summary>
    public static string Time(DateTimeOffset time, TimeProvider clock) =>
        TimeZoneInfo.ConvertTime(time, clock.LocalTimeZone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    /// <summary><c>in 4m</c>, <c>4m ago</c>, <c>now</c>.</summary>
    public static string Relative(DateTimeOffset time, DateTimeOffset now) => (time - now) switch
    {
        { TotalSeconds: >= 1 } until => $"in {Age(until)}",
        { TotalSeconds: <= -1 } since => $"{Age(-since)} ago",
        _ => "now",
    };

    /// <summary><c>1 message</c>, <c>2 messages</c>.</summary>
    public static string Count(long count, string noun) =>
        string.Create(CultureInfo.InvariantCulture, $"{count} {noun}{(count == 1 ? "" : "s")}");

    private static string Scaled(double value, string unit) =>
        string.Create(CultureInfo.InvariantCulture, $"{(value < 9.95 ? Math.Round(value, 1) : Math.Round(value))}{unit}");
}
