using System.Globalization;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary>What is left in the queue, in the words that <c>drain</c> and the end of the relay have in common.</summary>
internal static class Remainder
{
    /// <summary><c>undelivered=3 oldest=4m</c>, and where some of it is not to be tried, <c>held=2 parked=1</c>, in recipients.</summary>
    public static string Words(QueueTotals totals, DateTimeOffset now)
    {
        string aside = totals.Held + totals.Parked > 0 ? string.Create(CultureInfo.InvariantCulture, $" held={totals.Held} parked={totals.Parked}") : "";
        return string.Create(CultureInfo.InvariantCulture, $"undelivered={totals.Messages} oldest={Oldest(totals, now)}{aside}");
    }

    /// <summary>How long the oldest message has waited; <c>0s</c> if none does.</summary>
    public static string Oldest(QueueTotals totals, DateTimeOffset now) =>
        TerminalText.Age(totals.OldestReceivedAt is { } since ? now - since : TimeSpan.Zero);
}
