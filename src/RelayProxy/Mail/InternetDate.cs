using System.Globalization;

namespace RelayProxy.Mail;

/// <summary>A date as mail writes it: <c>Sun, 22 Nov 2026 05:03:41 +0000</c> (RFC 5322 §3.3), whatever the machine's language.</summary>
internal static class InternetDate
{
    /// <summary>With the offset that <paramref name="date"/> has; an offset is always written in digits (RFC 5321 §4.4).</summary>
    public static string Format(DateTimeOffset date)
    {
        int minutes = (int)Math.Abs(date.Offset.TotalMinutes);
        char sign = date.Offset < TimeSpan.Zero ? '-' : '+';
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{date:ddd, dd MMM yyyy HH':'mm':'ss} {sign}{minutes / 60:00}{minutes % 60:00}");
    }
}
