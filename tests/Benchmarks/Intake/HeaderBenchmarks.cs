using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using RelayProxy.Intake;
using RelayProxy.Mail;
using RelayProxy.Rewrite;
using RelayProxy.Rewrite.Header;

namespace RelayProxy.Benchmarks.Intake;

/// <summary>What is done with the header section of every message: it is indexed, its senders are masqueraded, it gets its trace field and its repairs, and goes on with all that spliced in.</summary>
[MemoryDiagnoser]
public class HeaderBenchmarks
{
    private readonly IntakeOptions _options = new() { HostName = "relay.example.net", RemoveBcc = true };
    private readonly ArrayBufferWriter<byte> _output = new(16 * 1024);
    private readonly Trace _trace = new(
        new QueueId(1),
        new MessageOrigin { HeloName = "web1", Address = "127.0.0.1", UserId = 33, UserName = "www-data" },
        "relay.example.net",
        new Mailbox("app", "example.net"),
        new Mailbox("bob", "example.org"),
        new DateTimeOffset(2026, 11, 22, 5, 3, 41, TimeSpan.FromHours(1)));

    private readonly HeaderRewriter _rewriter = MakeRewriter();
    private byte[] _content = [];
    private HeaderBlock _header = null!;
    private HeaderEdits _edits = null!;
    private HeaderStatus _status;
    private HeaderRewrite? _rewrite;

    /// <summary>A program's own few, and those of a message that has seen much.</summary>
    [Params(6, 60)]
    public int Fields { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var text = new StringBuilder("From: App <app@web1.example.net>\r\nTo: bob@example.org\r\nBcc: eve@example.com\r\nSubject: nightly report\r\n");
        for (int i = 4; i < Fields; i++)
        {
            text.Append("X-Report-Field: something that goes on\r\n\tover a second line\r\n");
        }

        _content = Encoding.ASCII.GetBytes(text.Append("\r\nbody\r\n").ToString());
        _header = new HeaderBlock();
        _status = _header.Read(_content, isAll: true);
        _rewrite = _rewriter.Rewrite(_content, _header, isReport: false);
        _edits = HeaderEdits.For(_content, _header, _status, _rewrite, _options, _trace);
    }

    [Benchmark]
    public int Index()
    {
        var header = new HeaderBlock();
        header.Read(_content, isAll: true);
        return header.Fields.Length;
    }

    [Benchmark]
    public int Rewrite() => _rewriter.Rewrite(_content, _header, isReport: false)!.Fields.Count;

    [Benchmark]
    public int Edits() => HeaderEdits.For(_content, _header, _status, _rewrite, _options, _trace).Splices.Count;

    [Benchmark]
    public int Splice()
    {
        _output.ResetWrittenCount();
        _output.Write(_edits.Top.Span);
        int copied = 0;
        foreach (HeaderSplice splice in _edits.Splices)
        {
            _output.Write(_content.AsSpan(copied..splice.Start));
            _output.Write(splice.Replacement.Span);
            copied = splice.Start + splice.Length;
        }

        _output.Write(_content.AsSpan(copied.._header.Octets));
        _output.Write(_edits.Bottom.Span);
        return _output.WrittenCount;
    }

    private static HeaderRewriter MakeRewriter()
    {
        var options = new RewriteOptions { Origin = "example.net", Masquerade = "example.net" };
        return new HeaderRewriter(new SenderRewriter(options, Origin.From(options, "web1.example.net")));
    }
}
