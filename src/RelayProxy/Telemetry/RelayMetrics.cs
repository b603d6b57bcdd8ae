using System.Diagnostics.Metrics;
using System.Globalization;

namespace RelayProxy.Telemetry;

/// <summary>
/// Every instrument of the relay: its name, its unit, what it means. What happens is counted where it happens, at next to no cost while nobody
/// looks; how things stand is asked for when somebody does (<see cref="RelayReadings"/>). No instrument has an address in it. Prometheus knows them
/// by the same names with underlines, the unit, and <c>_total</c> behind a counter (<see cref="PrometheusText"/>).
/// </summary>
internal sealed class RelayMetrics : IDisposable
{
    public const string MeterName = "RelayProxy";

    /// <summary>From what a smarthost next door takes to what an outage does.</summary>
    private static readonly double[] s_delays = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14400, 86400, 432000];

    private static readonly double[] s_groupSizes = [1, 2, 4, 8, 16, 32, 64, 128, 256];

    private static readonly string?[] s_codes = new string?[1000];

    private readonly Meter _meter = new(MeterName, ProductVersion.Text);
    private readonly Counter<long> _received;
    private readonly Counter<long> _receivedOctets;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _attempts;
    private readonly Counter<long> _replies;
    private readonly Counter<long> _inDoubt;
    private readonly Counter<long> _secretFailures;
    private readonly Histogram<double> _delay;
    private readonly Histogram<double> _groupSize;

    /// <param name="readings">Asked each time somebody looks.</param>
    public RelayMetrics(RelayReadings readings, TimeProvider clock)
    {
        // In.
        _received = Count("relayproxy.messages.received", "{message}", "Messages taken: on disk, and answered with 250.");
        _receivedOctets = Count("relayproxy.received", "By", "Octets of the messages taken.");
        _refused = Count("relayproxy.rejected", "{reply}", "Refusals, by the step of the dialogue (connect, mail, rcpt, data, other) and the code's class (4xx, 5xx).");
        Gauge("relayproxy.listener.connections", "{connection}", "Clients that are connected.", () => readings.Connections());

        // Kept.
        Gauges("relayproxy.queue.messages", "{message}", "Messages in the queue.", () => Of(readings.Queue(), q => [new(q.Messages)]));
        Gauges("relayproxy.queue.recipients", "{recipient}", "Recipients in the queue that are not done with, by state.", () => Of(readings.Queue(), States));
        Gauges("relayproxy.queue", "By", "Octets of the messages in the queue.", () => Of(readings.Queue(), q => [new(q.Octets)]));
        Gauges("relayproxy.queue.oldest_message_age", "s", "How long the oldest message has waited that is neither held nor parked; 0 if none waits.",
            () => Of(readings.Queue(), q => [new(Seconds(clock.GetUtcNow() - q.OldestSince))]));
        _groupSize = Histogram("relayproxy.commit.group_size", "{write}", "Commits of the queue, by how many writes shared one sync of the disk.", s_groupSizes);
        Gauges("relayproxy.spool.free", "By", "Octets that may still be written where the queue is.", () => Of(readings.Disk(), d => [new(d.Free)]));
        Gauges("relayproxy.spool.reserve", "By", "With fewer octets free than this no mail is taken (Queue:MinFreeOctets).", () => Of(readings.Disk(), d => [new(d.Reserve)]));

        // Out. A recipient counts once for each attempt.
        _attempts = Count("relayproxy.delivery.attempts", "{recipient}", "Recipients tried, by what became of them: delivered, deferred, bounced, parked.");
        _replies = Count("relayproxy.smtp.replies", "{reply}", "Replies of the smarthost to recipients tried, by code.");
        _inDoubt = Count("relayproxy.in_doubt", "{recipient}", "Recipients whose message was sent whole without an answer: they may get it twice.");
        _delay = Histogram("relayproxy.delivery.delay", "s", "From acceptance to delivery, for each recipient delivered.", s_delays);
        Gauge("relayproxy.delivery.heartbeat_age", "s", "How long ago delivery's loop last came round; it does every two seconds.", () => Seconds(readings.HeartbeatAge()));
        Gauges("relayproxy.upstream.connections", "{connection}", "Connections to the smarthost, by state.", () => Of(readings.Upstream(), Connections));
        Gauges("relayproxy.upstream.up", "", "1 while the smarthost takes our mail, 0 from its first trouble to the next success.",
            () => Of(readings.Upstream(), u => [new(u.Trouble is null ? 1 : 0, [Smarthost(u.Smarthost)])]));
        Gauges("relayproxy.upstream.rest", "s", "For how long the smarthost is still left alone.",
            () => Of(readings.Upstream(), u => [new(Seconds(u.RestLeft), [Smarthost(u.Smarthost)])]));
        Gauges("relayproxy.account.held", "", "1 while all mail is kept until a person mends something, and why.", () => Of(readings.Upstream(), Held));
        Gauges("relayproxy.upstream.certificate_expiry_timestamp", "s", "When the certificate expires that the smarthost showed last.",
            () => Of(readings.Upstream(), u => Expiry(u.Smarthost, u.CertificateExpires)));
        Gauges("relayproxy.oauth_token.expiry_timestamp", "s", "When the access token expires that the next login would use, if it tells.",
            () => Of(readings.Token(), t => Expiry(t.Smarthost, t.Expires)));
        _secretFailures = Count("relayproxy.secret.read_failures", "{read}", "Times a password or token could not be read anew, by setting.");

        // The program itself.
        Gauges("relayproxy.config.last_reload_success_timestamp", "s", "When the settings were last read to good effect.",
            () => Of(readings.Reload(), r => [new(UnixTime(r.At))]));
        Gauges("relayproxy.config.last_reload_successful", "", "0 if the settings could not be used when they were last read: older ones are in effect.",
            () => Of(readings.Reload(), r => [new(r.Succeeded ? 1 : 0)]));
        Gauges("relayproxy.build.info", "", "1; the version stands beside it.", () => [new(1, [new("version", ProductVersion.Text)])]);
        DateTimeOffset started = clock.GetUtcNow();
        Gauge("process.start_time", "s", "When it was started.", () => UnixTime(started));
        Gauge("process.resident_memory", "By", "Resident memory.", static () => Environment.WorkingSet);
        _meter.CreateObservableCounter("process.cpu", static () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time used.");
    }

    /// <summary>For <see cref="MetricsBook"/>.</summary>
    public Meter Meter => _meter;

    /// <summary>Has every series begin at zero: an increase that begins with its first event is seen by nobody who compares.</summary>
    /// <param name="destinations">Where mail goes to: the smarthost's name, this machine's.</param>
    public void Begin(IReadOnlyList<string> destinations)
    {
        _received.Add(0);
        _receivedOctets.Add(0);
        _inDoubt.Add(0);
        foreach (string stage in (ReadOnlySpan<string>)["connect", "mail", "rcpt", "data", "other"])
        {
            _refused.Add(0, new("stage", stage), new("code", "4xx"));
            _refused.Add(0, new("stage", stage), new("code", "5xx"));
        }

        foreach (string destination in destinations)
        {
            foreach (string result in (ReadOnlySpan<string>)[DeliveryResult.Delivered, DeliveryResult.Deferred, DeliveryResult.Bounced, DeliveryResult.Parked])
            {
                _attempts.Add(0, Smarthost(destination), new("result", result));
            }
        }
    }

    public void Accepted(long octets)
    {
        _received.Add(1);
        _receivedOctets.Add(octets);
    }

    /// <param name="stage">connect, mail, rcpt, data, other.</param>
    /// <param name="code">Of the reply: 400 to 599.</param>
    public void Refused(string stage, int code) => _refused.Add(1, new("stage", stage), new("code", code < 500 ? "4xx" : "5xx"));

    /// <param name="result">One of <see cref="DeliveryResult"/>.</param>
    public void Attempted(string smarthost, string result) => _attempts.Add(1, Smarthost(smarthost), new("result", result));

    public void Delivered(string smarthost, TimeSpan delay) => _delay.Record(delay.TotalSeconds, Smarthost(smarthost));

    /// <param name="code">The smarthost's own.</param>
    public void Replied(string smarthost, int code) => _replies.Add(1, Smarthost(smarthost), new("code", Code(code)));

    public void InDoubt() => _inDoubt.Add(1);

    /// <param name="writes">How many were made durable together.</param>
    public void Committed(int writes) => _groupSize.Record(writes);

    public void SecretNotRead(string setting) => _secretFailures.Add(1, new KeyValuePair<string, object?>("setting", setting));

    public void Dispose() => _meter.Dispose();

    private Counter<long> Count(string name, string unit, string meaning) => _meter.CreateCounter<long>(name, unit, meaning);

    private Histogram<double> Histogram(string name, string unit, string meaning, double[] bounds) =>
        _meter.CreateHistogram(name, unit, meaning, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });

    private void Gauge(string name, string unit, string meaning, Func<double> read) => _meter.CreateObservableGauge(name, read, Unit(unit), meaning);

    private void Gauges(string name, string unit, string meaning, Func<Measurement<double>[]> read) =>
        _meter.CreateObservableGauge(name, read, Unit(unit), meaning);

    private static string? Unit(string unit) => unit.Length > 0 ? unit : null;

    private static Measurement<double>[] Of<T>(T? reading, Func<T, Measurement<double>[]> measure)
        where T : class => reading is null ? [] : measure(reading);

    private static Measurement<double>[] Of<T>(T? reading, Func<T, Measurement<double>[]> measure)
        where T : struct => reading is { } known ? measure(known) : [];

    private static Measurement<double>[] States(QueueReading queue) =>
        [State(queue.Waiting, "waiting"), State(queue.InDelivery, "in_delivery"), State(queue.Held, "held"), State(queue.Parked, "parked")];

    private static Measurement<double>[] Connections(UpstreamReading upstream) => [State(upstream.Active, "active"), State(upstream.Idle, "idle")];

    private static Measurement<double>[] Held(UpstreamReading upstream) => upstream is { NeedsAPerson: true, Trouble: { } reason }
        ? [new(1, [Smarthost(upstream.Smarthost), new("reason", reason)])]
        : [new(0, [Smarthost(upstream.Smarthost)])];

    private static Measurement<double>[] Expiry(string smarthost, DateTimeOffset? time) =>
        time is { } expires ? [new(UnixTime(expires), [Smarthost(smarthost)])] : [];

    private static Measurement<double> State(long count, string state) => new(count, [new("state", state)]);

    private static string Code(int code) => s_codes[code] ??= code.ToString(CultureInfo.InvariantCulture);

    private static KeyValuePair<string, object?> Smarthost(string smarthost) => new("smarthost", smarthost);

    private static double Seconds(TimeSpan? span) => Math.Max(0, span?.TotalSeconds ?? 0);

    private static double UnixTime(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / 1000.0;
}

/// <summary>What became of a recipient at an attempt, in the words of the log.</summary>
internal static class DeliveryResult
{
    public const string Delivered = "delivered";
    public const string Deferred = "deferred";
    public const string Bounced = "bounced";
    public const string Parked = "parked";
}
