using System.Globalization;
using RelayProxy.Configuration;
using RelayProxy.Delivery.Local;
using RelayProxy.Queue;
using RelayProxy.Telemetry;
using RelayProxy.Upstream;

namespace RelayProxy.Commands.Top;

/// <summary>What <c>top</c> knows: the queue's sums, what became of recipients within the last minute, and how the relay says it is.</summary>
internal sealed class TopView(IQueueStore store, RelayOptions options, TimeProvider clock)
{
    /// <summary>Rows of the history read at a look; of more than these only the newest.</summary>
    private const int MostNews = 5_000;

    private const int MostShown = 200;
    private static readonly TimeSpan s_window = TimeSpan.FromMinutes(1);

    /// <summary>The relay commits something each time it is asked how it is.</summary>
    private static readonly TimeSpan s_askEvery = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private readonly Queue<HistoryEntry> _minute = new();
    private readonly List<HistoryEntry> _last = [];
    private QueueTotals _totals = new(0, 0, 0, 0, 0, 0, null, null);
    private DateTimeOffset _now = clock.GetUtcNow();
    private DateTimeOffset _completeSince = DateTimeOffset.MinValue;
    private HistoryEntry? _taken;
    private HistoryEntry? _trouble;
    private HealthReport? _health;
    private bool _isServed;
    private long? _asked;
    private long _mark;

    public async Task LookAsync(CancellationToken cancellationToken)
    {
        _totals = await store.TotalsAsync(cancellationToken);
        _isServed = store.IsServed;
        HistoryNews news = await store.HistorySinceAsync(_mark, MostNews, cancellationToken);
        _now = clock.GetUtcNow();
        Take(news);
        if (!_isServed)
        {
            (_health, _asked) = (null, null);
        }
        else if (_asked is not { } asked || clock.GetElapsedTime(asked) >= s_askEvery)
        {
            _asked = clock.GetTimestamp();
            _health = await HealthQuestion.AskAsync(options, needsSmarthost: false, s_patience, clock, cancellationToken);
        }
    }

    /// <summary>For a terminal of so many lines.</summary>
    public IReadOnlyList<string> Lines(int height)
    {
        var lines = new List<string>
        {
            $"relayproxy top    {TerminalText.Time(_now, clock)}    q quits",
            "",
            $"relay        {Relay()}",
            $"queue        {TerminalText.Count(_totals.Messages, "message")}, {TerminalText.Size(_totals.Octets)}; the oldest that waits: {Oldest()}",
            Text($"recipients   {_totals.Waiting} waiting, {_totals.InDelivery} delivering, {_totals.Held} held, {_totals.Parked} parked"),
            Text($"last minute  {Count("delivered")} delivered ({PerSecond("delivered"):0.0}/s), {Count("deferred")} deferred, {Count("bounced")} bounced, {Count("parked")} parked"),
            $"smarthost    {Smarthost()}",
            "",
            "AGE   OUTCOME    DELAY  RECIPIENT                       REPLY",
        };
        lines.AddRange(_last.AsEnumerable().Reverse().Take(Math.Max(0, height - lines.Count)).Select(Row));
        return lines;
    }

    /// <summary>For a log.</summary>
    public string Line() => Text(
        $"{TerminalText.Time(_now, clock)} messages={_totals.Messages} waiting={_totals.Waiting} delivering={_totals.InDelivery} held={_totals.Held} parked={_totals.Parked} oldest={Oldest()} delivered/min={Count("delivered")} deferred/min={Count("deferred")} bounced/min={Count("bounced")} relay=\"{Relay()}\"");

    public TopFacts Facts() => new()
    {
        At = _now,
        Messages = _totals.Messages,
        Octets = _totals.Octets,
        Waiting = _totals.Waiting,
        Delivering = _totals.InDelivery,
        Held = _totals.Held,
        Parked = _totals.Parked,
        OldestWaitingSince = _totals.OldestWaitingSince,
        DeliveredLastMinute = Count("delivered"),
        DeferredLastMinute = Count("deferred"),
        BouncedLastMinute = Count("bounced"),
        Relay = Relay(),
        SmarthostTookMailAt = _taken?.At,
        SmarthostTroubleAt = _trouble?.At,
        SmarthostTrouble = _trouble is { } trouble ? $"{trouble.Stage}: {trouble.Reply}" : null,
    };

    private void Take(HistoryNews news)
    {
        _mark = news.Mark;
        if (news.HasGap)
        {
            _completeSince = news.Entries[0].At;
            _minute.Clear();
        }

        foreach (HistoryEntry entry in news.Entries)
        {
            _minute.Enqueue(entry);
            _last.Add(entry);
            if (entry.Smarthost.Length == 0 || entry.Smarthost == LocalDelivery.Name)
            {
                continue;
            }

            // Up to the login it is the smarthost as a whole that is in trouble, and not the one message.
            bool isTrouble = Enum.TryParse(entry.Stage, out DeliveryStage stage) && stage < DeliveryStage.MailFrom;
            (_taken, _trouble) = (entry.Outcome == "delivered" ? entry : _taken, isTrouble ? entry : _trouble);
        }

        _last.RemoveRange(0, Math.Max(0, _last.Count - MostShown));
        while (_minute.TryPeek(out HistoryEntry? oldest) && oldest.At <= _now - s_window)
        {
            _minute.Dequeue();
        }
    }

    private int Count(string outcome) => _minute.Count(entry => entry.Outcome == outcome);

    private double PerSecond(string outcome)
    {
        TimeSpan seen = _now - _completeSince;
        return Count(outcome) / Math.Max(1, Math.Min(s_window.TotalSeconds, seen.TotalSeconds));
    }

    private string Oldest() => TerminalText.Age(_totals.OldestWaitingSince is { } since ? _now - since : TimeSpan.Zero);

    private string Relay()
    {
        if (!_isServed)
        {
            return "is not running: nothing is sent";
        }

        string[] troubles = [.. _health?.Findings.Where(finding => finding.Trouble is not null).Select(finding => finding.ToString()) ?? []];
        return troubles.Length == 0 ? "is well" : string.Join("; ", troubles);
    }

    private string Smarthost()
    {
        string name = options.Smarthost.Host.Length > 0
            ? string.Create(CultureInfo.InvariantCulture, $"{options.Smarthost.Host}:{options.Smarthost.Port}")
            : "none is set";
        string took = _taken is { } taken ? $", took mail {TerminalText.Relative(taken.At, _now)}" : "";
        bool isOver = _taken?.At >= _trouble?.At;
        return _trouble is { } trouble && !isOver
            ? $"{name}{took}; in trouble {TerminalText.Relative(trouble.At, _now)} at {trouble.Stage}: {trouble.Reply}"
            : name + took;
    }

    private string Row(HistoryEntry entry) =>
        $"{TerminalText.Age(_now - entry.At),-4}  {entry.Outcome,-9}  {TerminalText.Age(entry.Delay),-5}  {entry.Recipient,-30}  {entry.Reply}";

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
