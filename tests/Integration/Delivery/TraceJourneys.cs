using System.Collections.Concurrent;
using System.Diagnostics;
using RelayProxy.Delivery.Local;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Queue;
using RelayProxy.Queue.Sqlite;
using RelayProxy.Telemetry;

namespace RelayProxy.Integration.Delivery;

/// <summary>The spans of a message, from the program that sent it to its delivery, whatever lies between.</summary>
public sealed class TraceJourneys : IDisposable
{
    private const string Trace = "0af7651916cd43dd8448eb211c80319c";
    private const string Parent = "b7ad6b7169203331";
    private static readonly Mailbox s_sender = new("alice", "example.net");

    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly ActivityListener _listener;
    private readonly TemporaryFolder _folder = new();

    public TraceJourneys()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RelayTraces.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _spans.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_message_continues_the_trace_that_its_header_names()
    {
        await using DeliveryUnderTest relay = new DeliveryUnderTest().Start();
        QueueId id = await AcceptAsync(relay, $"traceparent: 00-{Trace}-{Parent}-01\r\nSubject: x\r\n\r\nx\r\n");
        await relay.QuietAsync();

        Activity[] spans = SpansOf(id);
        Assert.Equal(["accept message", "deliver message"], spans.Select(span => span.OperationName));
        Assert.All(spans, span => Assert.Equal(Trace, span.TraceId.ToHexString()));
        Assert.Equal([Parent, spans[0].SpanId.ToHexString()], spans.Select(span => span.ParentSpanId.ToHexString()));
        Assert.Equal([ActivityKind.Server, ActivityKind.Client], spans.Select(span => span.Kind));
        Assert.Equal(
            ("smarthost.test", 465, 1, 1, 250, "TLSv1.3"),
            (spans[1].GetTagItem("server.address"), spans[1].GetTagItem("server.port"), spans[1].GetTagItem("relayproxy.recipients"),
                spans[1].GetTagItem("relayproxy.delivered"), spans[1].GetTagItem("smtp.response.code"), spans[1].GetTagItem("tls.protocol.version")));
        Assert.Contains($"traceparent: 00-{Trace}-{Parent}-01\r\n", Assert.Single(relay.Smarthost.Mails).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(spans.SelectMany(span => span.TagObjects), tag => $"{tag.Value}".Contains("example", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Each_attempt_is_a_span_below_the_acceptance_after_a_restart_too()
    {
        QueueId id;
        await using (DeliveryUnderTest first = Open())
        {
            first.Smarthost.OnRcpt = _ => "450 4.2.0 Greylisted";
            first.Start();
            id = await AcceptAsync(first, "Subject: x\r\n\r\nx\r\n");
            await first.QuietAsync();
            await first.StopAsync();
        }

        await using (DeliveryUnderTest second = Open())
        {
            second.Start();
            await second.PassAsync(TimeSpan.FromMinutes(5));
            Assert.Single(second.Smarthost.Mails);
        }

        Activity[] spans = SpansOf(id);
        Assert.Equal(["accept message", "deliver message", "deliver message"], spans.Select(span => span.OperationName));
        Assert.Equal(default, spans[0].ParentSpanId);
        Assert.All(spans[1..], span => Assert.Equal((spans[0].TraceId, spans[0].SpanId), (span.TraceId, span.ParentSpanId)));
        Assert.Equal([ActivityStatusCode.Unset, ActivityStatusCode.Error, ActivityStatusCode.Unset], spans.Select(span => span.Status));
        Assert.Equal("450", spans[1].GetTagItem("error.type"));
    }

    [Theory]
    [InlineData("traceparent: 00-0-0-01\r\n")]
    [InlineData("traceparent: \r\n")]
    [InlineData("traceparent: 00-00000000000000000000000000000000-b7ad6b7169203331-01\r\n")]
    public async Task A_field_that_names_no_trace_begins_a_new_one(string field)
    {
        await using DeliveryUnderTest relay = new DeliveryUnderTest().Start();
        QueueId id = await AcceptAsync(relay, field + "Subject: x\r\n\r\nx\r\n");
        await relay.QuietAsync();

        Activity[] spans = SpansOf(id);
        Assert.Equal(default, spans[0].ParentSpanId);
        Assert.Equal(spans[0].SpanId, spans[1].ParentSpanId);
    }

    [Fact]
    public async Task What_stays_on_this_machine_has_a_span_too()
    {
        await using var relay = new DeliveryUnderTest { LocalOptions = new LocalOptions { CommandUser = Environment.UserName } };
        relay.Start();
        var file = new Recipient(new Mailbox("file", "example.net")) { Local = new LocalDestination(LocalDestinationKind.File, _folder["file"]) };
        QueueId id = await relay.AcceptAsync(new Envelope { Sender = s_sender }, [file], "Subject: x\r\n\r\nx\r\n");
        await relay.QuietAsync();

        Assert.Equal("local", SpansOf(id)[1].GetTagItem("server.address"));
        Assert.True(File.Exists(_folder["file"]));
    }

    private Activity[] SpansOf(QueueId id) => [.. _spans.Where(span => Equals(span.GetTagItem("relayproxy.queue_id"), id.ToString()))];

    private DeliveryUnderTest Open() => new(store: clock =>
    {
        var store = new SqliteQueueStore(new QueueOptions { Path = _folder["queue"], MinFreeOctets = 0 }, clock, new RecordingLogger());
        store.OpenAsync(StoreAccess.Daemon, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return store;
    });

    private static Task<QueueId> AcceptAsync(DeliveryUnderTest relay, string content) =>
        relay.AcceptAsync(new Envelope { Sender = s_sender }, [new Recipient(new Mailbox("bob", "example.org"))], content);
}
