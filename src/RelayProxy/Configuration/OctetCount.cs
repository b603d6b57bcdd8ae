using System.Globalization;

namespace RelayProxy.Configuration;

/// <summary>Sizes as people write them: octets, or a number with <c>kB MB GB</c> (thousands) or <c>KiB MiB GiB</c> (1,024s).</summary>
internal static class OctetCount
{
    private static readonly (string Unit, long Octets)[] s_units =
    [
        ("GiB", 1L << 30), ("MiB", 1L << 20), ("KiB", 1L << 10), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000), ("B", 1),
    ];

    public static bool TryParse(ReadOnlySpan<char> text, out long octets)
    {
        text = text.Trim();
        long factor = 1;
        foreach ((string unit, long size) in s_units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                text = text[..^unit.Length].TrimEnd();
                factor = size;
                break;
            }
        }

        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out octets) || octets > long.MaxValue / factor)
        {
            octets = 0;
            return false;
        }

        octets *= factor;
        return true;
    }

    /// <summary>In the largest unit that divides it; 1,024s before thousands.</summary>
    public static string Format(long octets)
    {
        foreach ((string unit, long size) in s_units)
        {
            if (size > 1 && octets >= size && octets % size == 0)
            {
                return string.Create(CultureInfo.InvariantCulture, $"{octets / size}{unit}");
            }
        }

        return octets.ToString(CultureInfo.InvariantCulture);
    }
}
