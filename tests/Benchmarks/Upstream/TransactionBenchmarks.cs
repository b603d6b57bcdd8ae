using System.Text;
using System.Threading.Channels;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Logging.Abstractions;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Upstream;

namespace RelayProxy.Benchmarks.Upstream;

/// <summary>What sending one message costs here, whatever the smarthost and the network cost: a connection from the pool, the envelope in one
/// write, the content in another, four replies.</summary>
[MemoryDiagnoser]
public class TransactionBenchmarks : IAsyncDisposable
{
    private readonly SmarthostOptions _options = new() { Host = "smarthost.test", Tls = SmarthostTls.None, MaxMessagesPerConnection = 0 };
    private OutgoingMessage _message = null!;
    private SmarthostPool _pool = null!;

    [Params(2_000, 100_000)]
    public int Octets { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _pool = new SmarthostPool(
            () => _options, new FakeDialer((_, _, _) => new ValueTask<Stream>(new Yes())), TimeProvider.System, NullLogger.Instance);
        _message = new OutgoingMessage
        {
            Id = new QueueId(1),
            Envelope = new Envelope { Sender = new Mailbox("alice", "example.net") },
            Traits = ContentTraits.None,
            Recipients = [new Recipient(new Mailbox("bob", "example.org"))],
            Content = new MemoryContent(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", Octets / 80)))),
        };
    }

    [GlobalCleanup]
    public async ValueTask DisposeAsync()
    {
        await _pool.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Benchmark]
    public async Task<bool> SendAsync()
    {
        (SmarthostConnection? connection, _) = await _pool.AcquireAsync(CancellationToken.None);
        TransactionResult result = await connection!.SendAsync(_message, CancellationToken.None);
        await _pool.ReleaseAsync(connection);
        return result.Verdicts[0].Reply.IsSuccess;
    }

    /// <summary>A smarthost that says yes at once: each write is answered by what the client waits for then.</summary>
    private sealed class Yes : MemoryStream
    {
        private static readonly byte[] s_greeting = "220 smarthost.test\r\n"u8.ToArray();
        private static readonly byte[] s_hello = "250-smarthost.test\r\n250 PIPELINING\r\n"u8.ToArray();
        private static readonly byte[] s_envelope = "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 Go on\r\n"u8.ToArray();
        private static readonly byte[] s_taken = "250 2.0.0 Taken\r\n"u8.ToArray();
        private readonly Channel<byte[]> _replies = Channel.CreateUnbounded<byte[]>();

        public Yes() => _replies.Writer.TryWrite(s_greeting);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            byte[] reply = await _replies.Reader.ReadAsync(cancellationToken);
            reply.CopyTo(buffer);
            return reply.Length;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            ReadOnlySpan<byte> said = buffer.Span;
            byte[]? reply = said.StartsWith("EHLO"u8) ? s_hello
                : said.StartsWith("MAIL"u8) ? s_envelope
                : said.EndsWith("\r\n.\r\n"u8) ? s_taken
                : null;
            if (reply is not null)
            {
                _replies.Writer.TryWrite(reply);
            }

            return ValueTask.CompletedTask;
        }
    }
}
