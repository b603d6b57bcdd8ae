using System.Globalization;
using RelayProxy.Queue;

namespace RelayProxy.Commands;

/// <summary>What is left in the queue, in the words that <c>drain</c> and the end of the relay have in common.</summary>
internal static class Remainder
{
    /// <summary><c>undelivered=3 oldest=4m</c>. Held and parked messages are undelivered too.</summary>
    public static string Words(QueueTotals totals, DateTimeOffset now) =>
        string.Create(CultureInfo.InvariantCulture, $"undelivered={totals.Messages} oldest={Oldest(totals, now)}");

    /// <summary>How long the oldest message has waited; <c>0s</c> if none does.</summary>
    public static string Oldest(QueueTotals totals, DateTimeOffset now) =>
        TerminalText.Age(totals.OldestReceivedAt is { } since ? now - since : TimeSpan.Zero);
}
