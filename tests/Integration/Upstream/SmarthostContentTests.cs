using System.Text;
using RelayProxy.Harness;
using RelayProxy.Mail;
using RelayProxy.Upstream;

namespace RelayProxy.Integration.Upstream;

/// <summary>The content on its way: early replies, chunks, and messages that cannot be read.</summary>
public class SmarthostContentTests
{
    private static readonly string s_large = string.Concat(Enumerable.Repeat(new string('x', 78) + "\r\n", 50_000));

    /// <summary>More than can be sent before a reply is heard, however late he who listens for it gets his turn.</summary>
    private static readonly string s_endless = string.Concat(Enumerable.Repeat(s_large, 10));

    [Theory]
    [InlineData("552 5.3.4 Too large", false)]
    [InlineData("552 5.3.4 Too large", true)]
    [InlineData("452 4.3.1 Disk full", false)]
    [InlineData("421 4.3.2 Going down", true)]
    public async Task A_reply_in_the_middle_of_the_content_is_heard_and_stops_it(string reply, bool hangsUp)
    {
        FakeAnswer early = hangsUp ? FakeAnswer.Reply(reply).ThenHangUp() : FakeAnswer.Reply(reply);
        long read = 0;
        await using var smarthost = new FakeSmarthost
        {
            WindowOctets = 64 * 1024,
            OnBody = step =>
            {
                read = step.Octets;
                return step.Octets > 100_000 ? early : null;
            },
        };
        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message(s_endless, []));

        RecipientVerdict verdict = Assert.Single(result.Verdicts);
        Assert.Equal((DeliveryStage.Body, true, false), (verdict.Stage, verdict.FromSmarthost, verdict.MayHaveBeenDelivered));
        Assert.Equal(reply, verdict.Reply.ToString());
        Assert.True(result.ConnectionLost);
        Assert.InRange(read, 100_000, 200_000);
    }

    [Theory]
    [InlineData("250 2.0.0 Enough")]
    [InlineData("354 More")]
    public async Task A_success_in_the_middle_of_the_content_is_not_believed(string reply)
    {
        await using var smarthost = new FakeSmarthost { WindowOctets = 64 * 1024, OnBody = step => step.Octets > 100_000 ? FakeAnswer.Reply(reply) : null };
        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message(s_large, []));

        RecipientVerdict verdict = Assert.Single(result.Verdicts);
        Assert.Equal((DeliveryStage.Body, false, false), (verdict.Stage, verdict.FromSmarthost, verdict.MayHaveBeenDelivered));
        Assert.StartsWith("421 4.5.0 ", verdict.Reply.ToString(), StringComparison.Ordinal);
        Assert.True(result.ConnectionLost);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16 * 1024)]
    [InlineData(32 * 1024)]
    [InlineData((32 * 1024) + 1)]
    [InlineData(64 * 1024)]
    [InlineData(3_000_000)]
    public async Task Content_of_any_length_arrives_octet_for_octet_from_memory_and_from_a_file(int octets)
    {
        byte[] content = Lines(octets);
        await using var smarthost = new FakeSmarthost { Offers = ["PIPELINING", "AUTH PLAIN"] };
        OutgoingMessage message = Outgoing.Message();
        await Outgoing.SendAsync(smarthost, message with { Content = new MemoryContent(content) });
        await Outgoing.SendAsync(smarthost, message with { Content = new StreamContent(content.Length, () => new MemoryStream(content)) });

        Assert.All(smarthost.Mails, mail => Assert.True(content.AsSpan().SequenceEqual(mail.Content)));
        Assert.Equal(2, smarthost.Mails.Count);
        Assert.Empty(smarthost.Violations);
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_just_now_is_tried_again_and_nothing_of_it_arrives()
    {
        await using var smarthost = new FakeSmarthost();
        TransactionResult result = await Outgoing.SendAsync(smarthost, Outgoing.Message() with
        {
            Content = new StreamContent(100_000, () => new FailingStream(50_000, new IOException("Input/output error"))),
        });

        RecipientVerdict verdict = Assert.Single(result.Verdicts);
        Assert.Equal((DeliveryStage.Body, false, false), (verdict.Stage, verdict.FromSmarthost, verdict.MayHaveBeenDelivered));
        Assert.Equal("451 4.3.0 the message cannot be read from the queue: Input/output error", verdict.Reply.ToString());
        Assert.True(result.ConnectionLost);
        Assert.Empty(smarthost.Mails);
    }

    [Fact]
    public async Task A_damaged_message_is_never_completed()
    {
        await using var smarthost = new FakeSmarthost();
        SmarthostConnection connection = await Outgoing.ConnectAsync(smarthost);
        await Assert.ThrowsAsync<InvalidDataException>(async () => await connection.SendAsync(
            Outgoing.Message() with { Content = new StreamContent(100_000, () => new FailingStream(50_000, new InvalidDataException("checksum"))) },
            CancellationToken.None));
        await smarthost.EndedAsync();

        Assert.True(connection.IsBroken);
        Assert.Empty(smarthost.Mails);
        Assert.Equal("DATA", smarthost.Commands[^1]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task C46_With_chunks_the_content_goes_as_it_is_and_is_not_stuffed(bool pipelining)
    {
        await using var smarthost = new FakeSmarthost { Offers = pipelining ? ["PIPELINING", "CHUNKING", "AUTH PLAIN"] : ["CHUNKING", "AUTH PLAIN"] };
        TransactionResult result = await Outgoing.SendAsync(
            smarthost, Outgoing.Message("x\r\n.\r\n..y\r\n", ["bob@example.org", "carol@example.org"]), options => options.UseChunking = true);

        Assert.All(result.Verdicts, verdict => Assert.Equal((DeliveryStage.EndOfData, 250), (verdict.Stage, verdict.Reply.Code)));
        Assert.Equal("x\r\n.\r\n..y\r\n", Encoding.Latin1.GetString(Assert.Single(smarthost.Mails).Wire));
        Assert.Equal(["BDAT 11 LAST", "QUIT"], smarthost.Commands.TakeLast(2));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task C46_Without_offer_or_setting_there_are_no_chunks(bool set, bool offered)
    {
        await using var smarthost = new FakeSmarthost { Offers = offered ? ["CHUNKING", "AUTH PLAIN"] : ["AUTH PLAIN"] };
        await Outgoing.SendAsync(smarthost, change: options => options.UseChunking = set);

        Assert.Contains("DATA", smarthost.Commands);
    }

    [Fact]
    public async Task C46_With_all_recipients_refused_no_chunk_is_sent()
    {
        await using var smarthost = new FakeSmarthost { OnRcpt = _ => "550 5.1.1 Who?" };
        TransactionResult result = await Outgoing.SendAsync(smarthost, change: options => options.UseChunking = true);

        Assert.Equal((DeliveryStage.RcptTo, false), (Assert.Single(result.Verdicts).Stage, result.ConnectionLost));
        Assert.Equal(["RSET", "QUIT"], smarthost.Commands.TakeLast(2));
    }

    [Theory]
    [InlineData("552 5.3.4 Too large")]
    [InlineData("452 4.3.1 Disk full")]
    [InlineData("554 5.7.1 Spam")]
    public async Task C46_A_refused_chunk_is_everybodys_verdict(string reply)
    {
        await using var smarthost = new FakeSmarthost { OnBdat = _ => reply };
        TransactionResult result = await Outgoing.SendAsync(smarthost, change: options => options.UseChunking = true);

        Assert.Equal((DeliveryStage.EndOfData, reply), (Assert.Single(result.Verdicts).Stage, result.Verdicts[0].Reply.ToString()));
        Assert.False(result.ConnectionLost);
    }

    [Fact]
    public async Task C46_A_smarthost_that_offers_chunks_and_does_not_know_them_gets_DATA_the_next_time()
    {
        await using var smarthost = new FakeSmarthost { OnBdat = _ => "502 5.5.1 BDAT?" };
        SmarthostOptions options = smarthost.ClientOptions();
        options.UseChunking = true;
        SmarthostConnector connector = Outgoing.Connector(smarthost.Dialer);
        SmarthostConnection first = (await connector.OpenAsync(options, CancellationToken.None)).Connection!;
        TransactionResult refused = await first.SendAsync(Outgoing.Message(), CancellationToken.None);
        await first.DisposeAsync();
        await using SmarthostConnection second = (await connector.OpenAsync(options, CancellationToken.None)).Connection!;
        TransactionResult taken = await second.SendAsync(Outgoing.Message(), CancellationToken.None);

        Assert.Equal((451, false), (Assert.Single(refused.Verdicts).Reply.Code, refused.Verdicts[0].FromSmarthost));
        Assert.True(refused.ConnectionLost);
        Assert.True(Assert.Single(taken.Verdicts).Reply.IsSuccess);
        Assert.Equal("DATA", smarthost.Commands[^1]);
    }

    [Theory]
    [InlineData("a\nb\r\n")]
    [InlineData("a\rb\r\n")]
    [InlineData("a\r\nb\r")]
    [InlineData("\n")]
    public async Task C36_In_chunks_too_no_bare_CR_or_LF_leaves(string stored)
    {
        await using var smarthost = new FakeSmarthost();
        await Assert.ThrowsAsync<InvalidDataException>(
            async () => await Outgoing.SendAsync(smarthost, Outgoing.Message(stored, []), options => options.UseChunking = true));
        await smarthost.EndedAsync();

        Assert.Empty(smarthost.Mails);
        Assert.Empty(smarthost.Violations);
    }

    /// <summary>Lines of every length, some with dots in front.</summary>
    private static byte[] Lines(int octets)
    {
        var content = new MemoryStream();
        for (int line = 0; content.Length < octets; line++)
        {
            content.Write(Encoding.ASCII.GetBytes(new string('.', line % 3) + new string('y', line % 80) + "\r\n"));
        }

        return content.ToArray();
    }

    private sealed class StreamContent(long octets, Func<Stream> open) : MessageContent
    {
        public override long Octets => octets;

        public override Stream OpenRead() => open();
    }

    /// <summary>A file on a disk that fails after so many octets.</summary>
    private sealed class FailingStream(int good, Exception failure) : MemoryStream(new byte[good].Select(_ => (byte)'x').ToArray())
    {
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            int count = await base.ReadAsync(buffer, cancellationToken);
            return count > 0 ? count : throw failure;
        }
    }
}
