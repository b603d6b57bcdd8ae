using System.Globalization;
using System.Text;

namespace RelayProxy.Configuration;

/// <summary>
/// Durations as people write them: <c>30s</c>, <c>5m</c>, <c>1h30m</c>, <c>5d</c>, <c>250ms</c>; or <c>[d.]hh:mm:ss</c>. A number
/// without a unit is none, but for 0; nor is <c>5:00</c>, which .NET reads as five hours and people as five minutes.
/// </summary>
internal static class Duration
{
    private static readonly (string Unit, long Ticks)[] s_units =
    [
        ("d", TimeSpan.TicksPerDay),
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
    ];

    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        text = text.Trim();
        if (text is "0")
        {
            duration = TimeSpan.Zero;
            return true;
        }

        return text.Contains(':')
            ? text.Count(':') == 2 && TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out duration) && duration >= TimeSpan.Zero
                || Refuse(out duration)
            : TryParseUnits(text, out duration);
    }

    /// <summary>In the shortest of the forms that <see cref="TryParse"/> reads.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration <= TimeSpan.Zero)
        {
            return "0";
        }

        var text = new StringBuilder();
        long rest = duration.Ticks;
        foreach ((string unit, long ticks) in s_units)
        {
            if (rest / ticks > 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{rest / ticks}{unit}");
                rest %= ticks;
            }
        }

        return rest == 0 ? text.ToString() : duration.ToString("c", CultureInfo.InvariantCulture);
    }

    private static bool TryParseUnits(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        long total = 0;
        int next = 0;
        while (text.Length > 0)
        {
            int digits = text.IndexOfAnyExceptInRange('0', '9');
            if (digits is < 1 or > 9)
            {
                return Refuse(out duration);
            }

            long number = long.Parse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            text = text[digits..];
            int letters = text.IndexOfAnyInRange('0', '9') is >= 0 and int end ? end : text.Length;
            ReadOnlySpan<char> unit = text[..letters];
            int index = IndexOfUnit(unit);

            // Each unit once, the large ones first: 30m1h is more likely a slip than a wish.
            if (index < next || number > (TimeSpan.MaxValue.Ticks - total) / s_units[index].Ticks)
            {
                return Refuse(out duration);
            }

            total += number * s_units[index].Ticks;
            next = index + 1;
            text = text[letters..];
        }

        duration = new TimeSpan(total);
        return next > 0;
    }

    private static int IndexOfUnit(ReadOnlySpan<char> unit)
    {
        for (int i = 0; i < s_units.Length; i++)
        {
            if (unit.Equals(s_units[i].Unit, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }

    private static bool Refuse(out TimeSpan duration)
    {
        duration = default;
        return false;
    }
}
