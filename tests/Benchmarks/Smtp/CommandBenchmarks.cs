using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using BenchmarkDotNet.Attributes;
using RelayProxy.Mail;
using RelayProxy.Smtp;

namespace RelayProxy.Benchmarks.Smtp;

/// <summary>What every command and every reply goes through.</summary>
[MemoryDiagnoser]
public class CommandBenchmarks
{
    private readonly ReadOnlySequence<byte> _line = new("RCPT TO:<somebody@mail.example.net> NOTIFY=FAILURE\r\nDATA\r\n"u8.ToArray());
    private readonly byte[] _path = Encoding.ASCII.GetBytes("<somebody@mail.example.net> NOTIFY=FAILURE,DELAY");
    private readonly byte[] _quoted = Encoding.ASCII.GetBytes("<\"some body\"@mail.example.net>");
    private readonly byte[] _parameters = Encoding.ASCII.GetBytes(" SIZE=12345 BODY=8BITMIME RET=HDRS");
    private readonly List<SmtpParameter> _list = [];
    private readonly ArrayBufferWriter<byte> _output = new(1024);
    private readonly Pipe _pipe = new();
    private readonly byte[] _reply = Encoding.ASCII.GetBytes("250 2.1.5 Ok: recipient taken\r\n");
    private ReplyReader _replies = null!;

    [GlobalSetup]
    public void SetUp() => _replies = new ReplyReader(_pipe.Reader);

    [Benchmark]
    public long SmtpLine()
    {
        ReadOnlySequence<byte> buffer = _line;
        RelayProxy.Smtp.SmtpLine.TryTake(ref buffer, 2048, out ReadOnlySequence<byte> line);
        return line.Length;
    }

    [Benchmark]
    public bool MailboxParser() =>
        RelayProxy.Mail.MailboxParser.TryParsePath(_path, allowUtf8: false, out _, out _) == PathStatus.Ok;

    [Benchmark]
    public bool MailboxParserQuoted() =>
        RelayProxy.Mail.MailboxParser.TryParsePath(_quoted, allowUtf8: false, out _, out _) == PathStatus.Ok;

    [Benchmark]
    public bool SmtpParameters() => RelayProxy.Smtp.SmtpParameters.TryParse(_parameters, allowUtf8: false, _list);

    [Benchmark]
    public int ReplyWriter()
    {
        _output.ResetWrittenCount();
        new SmtpReply(250, 1, 5, "Ok: recipient taken").WriteTo(_output);
        return _output.WrittenCount;
    }

    [Benchmark]
    public async ValueTask<int> ReplyReader()
    {
        await _pipe.Writer.WriteAsync(_reply);
        return (await _replies.ReadAsync(CancellationToken.None)).Code;
    }
}
