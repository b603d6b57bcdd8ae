using System.Diagnostics;
using System.Globalization;

namespace RelayProxy.Telemetry;

/// <summary>
/// Spans, for whoever listens to this source: one when a message is taken, which continues the trace that its <c>traceparent</c> field names
/// (W3C Trace Context), and one below it for each attempt to deliver it, however much later and after however many restarts. No span has an
/// address in it. While nobody listens there are none.
/// </summary>
internal static class RelayTraces
{
    public const string SourceName = "RelayProxy";

    private static readonly ActivitySource s_source = new(SourceName, ProductVersion.Text);

    public static bool AreHeard => s_source.HasListeners();

    /// <summary>Begins the span of a message that comes in; disposing it ends it.</summary>
    /// <param name="parent">A value of traceparent; empty, or anything that is none, for a trace of its own.</param>
    public static Activity? Accept(string parent, DateTimeOffset began, string queueId, int recipients) =>
        Start("accept message", ActivityKind.Server, parent, began, queueId)?.SetTag("relayproxy.recipients", recipients);

    /// <summary>Tells of an attempt that is over.</summary>
    /// <param name="parent">As the queue kept it.</param>
    /// <param name="smarthost"><c>smtp.example.net:465</c>, <c>local</c>.</param>
    /// <param name="failed">How many of the recipients were not delivered to.</param>
    /// <param name="code">Of the reply; if some failed, of one of theirs.</param>
    public static void Attempt(
        string parent, DateTimeOffset began, DateTimeOffset ended, string queueId, string smarthost, int recipients, int failed, int code, string tls)
    {
        using Activity? span = Start("deliver message", ActivityKind.Client, parent, began, queueId);
        if (span is null)
        {
            return;
        }

        int colon = smarthost.LastIndexOf(':');
        span.SetTag("server.address", colon < 0 ? smarthost : smarthost[..colon]);
        if (colon >= 0 && int.TryParse(smarthost.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port))
        {
            span.SetTag("server.port", port);
        }

        span.SetTag("relayproxy.recipients", recipients);
        span.SetTag("relayproxy.delivered", recipients - failed);
        span.SetTag("smtp.response.code", code);
        if (tls.Length > 0)
        {
            span.SetTag("tls.protocol.version", tls);
        }

        if (failed > 0)
        {
            string error = code.ToString(CultureInfo.InvariantCulture);
            span.SetTag("error.type", error).SetStatus(ActivityStatusCode.Error, error);
        }

        span.SetEndTime(ended.UtcDateTime);
    }

    private static Activity? Start(string name, ActivityKind kind, string parent, DateTimeOffset began, string queueId)
    {
        bool continues = ActivityContext.TryParse(parent, traceState: null, isRemote: true, out ActivityContext context);
        Activity? span = s_source.StartActivity(name, kind, continues ? context : default, startTime: began);
        return span?.SetTag("messaging.system", "smtp").SetTag("relayproxy.queue_id", queueId);
    }
}
